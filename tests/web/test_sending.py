"""A message sent by a form is stored once, whatever fails meanwhile, and nothing that was typed is lost."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import AsyncClient
from pytest_django import Settings

from files import selectors
from foundation.errors import Unavailable
from foundation.limits.rates import Rate
from groups.log import appender, queries
from groups.log.entry import Entry
from groups.read_marks import close_read_marks
from messaging import services
from tests.cast import Person
from tests.page_form import Form, composer_in
from web.conversation import sending

from .unresponsive_store import UnresponsiveStore

HELLO = ("a.txt", b"hello")
TYPED = "\r\nbelow an empty line"


class Browser:
    """Alice's browser without a script, with one group open."""

    def __init__(self, person: Person, group_id: str) -> None:
        self.client, self.group_id = AsyncClient(), group_id
        self.client.cookies["__session"] = person.token

    async def composer(self, parent_id: str = "") -> Form:
        thread = f"/threads/{parent_id}" if parent_id else ""
        response = await self.client.get(f"/groups/{self.group_id}{thread}")
        return composer_in(response.content.decode(), parent_id)

    async def send(self, form: Form, files: Sequence[tuple[str, bytes]] = (), **typed: str) -> Any:
        attached = [SimpleUploadedFile(name, content) for name, content in files]
        return await self.client.post(form.action, {**form.fields, **typed, "file": attached})


@pytest.fixture
def browser(alice: Person, group_id: str) -> Browser:
    return Browser(alice, group_id)


# One: the log cannot be read to find out whether the write succeeded. 1000: no page can be rendered either.
with_timeouts = pytest.mark.parametrize("timeouts", [1, 1000])


async def _sent(group_id: str) -> list[Entry]:
    return [entry for entry in await queries.entries_after(group_id, 0) if entry.kind == "message"]


async def _file_ids(person: Person, group_id: str) -> list[str]:
    return [file.id for file in (await selectors.list_files(actor=person.actor, group_id=group_id)).files]


def _returned_form(response: HttpResponse, status: int, parent_id: str = "") -> Form:
    assert response.status_code == status, response.content.decode()
    return composer_in(response.content.decode(), parent_id)


def _identity(form: Form) -> tuple[str, ...]:
    """Return the fields that identify the form's message."""
    return tuple(form.value(name) for name in ("clientId", "after", "parentId"))


async def _unavailable(**_: Any) -> None:
    raise Unavailable


async def test_a_read_mark_that_cannot_be_moved_does_not_fail_the_send(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "mark_read", _unavailable)
    response = await browser.send(await browser.composer(), content="ahoy")
    assert (response.status_code, response["Location"]) == (302, f"/groups/{browser.group_id}")
    assert [entry.content for entry in await _sent(browser.group_id)] == ["ahoy"]


@with_timeouts
@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_message_that_may_have_been_stored_is_stored_once(
    browser: Browser, bob: Person, unresponsive_store: UnresponsiveStore, *, in_thread: bool, timeouts: int
) -> None:
    root = await services.send_message(actor=bob.actor, group_id=browser.group_id, content="a question")
    parent_id = root["message"]["id"] if in_thread else ""
    form = await browser.composer(parent_id)
    # The author's own read mark is written a moment later: its response is not the one to lose.
    await close_read_marks()
    unresponsive_store.lose_next_response(timeouts=timeouts)
    retry = _returned_form(await browser.send(form, content=TYPED), 503, parent_id)
    assert retry.value("content") == TYPED
    assert _identity(retry) == _identity(form)
    unresponsive_store.timeouts = 0
    await services.send_message(actor=bob.actor, group_id=browser.group_id, content="meanwhile")
    appender.get_appenders().clear()  # the process forgets the first try, as after a restart
    assert (await browser.send(retry)).status_code == 302
    sent = [entry for entry in await _sent(browser.group_id) if entry.client_id == form.value("clientId")]
    # A form sends a line break as two characters, which count as one.
    assert [entry.content for entry in sent] == [TYPED.replace("\r\n", "\n")]


@with_timeouts
async def test_a_retry_keeps_its_files(
    browser: Browser, alice: Person, unresponsive_store: UnresponsiveStore, timeouts: int
) -> None:
    form = await browser.composer()
    unresponsive_store.lose_next_response(timeouts=timeouts)
    response = await browser.send(form, [HELLO], content="see")
    retry = _returned_form(response, 503)
    assert "Attach your files again" not in response.content.decode()
    unresponsive_store.timeouts = 0
    assert (await browser.send(retry)).status_code == 302
    (message,) = await _sent(browser.group_id)
    assert [file["id"] for file in message.attachments] == await _file_ids(alice, browser.group_id)


async def test_a_rate_limited_message_keeps_its_client_id_and_its_files(
    browser: Browser, alice: Person, settings: Settings
) -> None:
    settings.RATE_LIMITS = {"message": Rate(1, 1000)}
    await browser.send(await browser.composer(), content="the first")
    form = await browser.composer()
    retry = _returned_form(await browser.send(form, [HELLO], content="the second"), 429)
    assert _identity(retry) == _identity(form)
    assert retry.fields["attachments"] == await _file_ids(alice, browser.group_id)


async def test_a_message_that_can_never_be_sent_keeps_no_file(browser: Browser, alice: Person) -> None:
    form = await browser.composer()
    response = await browser.send(form, [HELLO], content="x" * 10_001)
    assert _returned_form(response, 400).value("clientId") != form.value("clientId")
    assert "Attach your files again" in response.content.decode()
    assert await _file_ids(alice, browser.group_id) == []


async def test_a_file_that_cannot_be_deleted_does_not_hide_why_a_message_was_refused(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "discard_files", _unavailable)
    _returned_form(await browser.send(await browser.composer(), [HELLO], content="x" * 10_001), 400)


async def test_a_form_with_a_file_sent_twice_is_one_message_with_one_file(browser: Browser, alice: Person) -> None:
    form = await browser.composer()
    responses = [await browser.send(form, [HELLO, ("b.txt", b"")], content="see") for _ in range(2)]
    assert [response.status_code for response in responses] == [302, 302]
    assert {response["Location"] for response in responses} == {f"/groups/{browser.group_id}"}
    (message,) = await _sent(browser.group_id)
    assert {file["id"] for file in message.attachments} == set(await _file_ids(alice, browser.group_id))
    assert len(message.attachments) == 2


async def test_a_second_post_whose_file_cannot_be_deleted_does_not_fail(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "discard_files", _unavailable)
    form = await browser.composer()
    for _ in range(2):
        assert (await browser.send(form, [HELLO], content="see")).status_code == 302
    assert len(await _sent(browser.group_id)) == 1


@pytest.mark.parametrize(
    ("content", "files"),
    [
        pytest.param("see this", [HELLO], id="another text"),
        pytest.param("see", [("a.txt", b"adieu")], id="other bytes"),
        pytest.param("see", [("b.txt", b"hello")], id="another name"),
        pytest.param("see", [HELLO, HELLO], id="one more file"),
        pytest.param("see", [], id="no file"),
    ],
)
async def test_a_form_sent_again_with_other_content_is_not_dropped(
    browser: Browser, alice: Person, content: str, files: list[tuple[str, bytes]]
) -> None:
    form = await browser.composer()
    await browser.send(form, [HELLO], content="see")
    response = await browser.send(form, files, content=content)
    other = _returned_form(response, 409)
    assert (other.value("content"), "attachments" in other.fields) == (content, False)
    assert ("Attach your files again" in response.content.decode()) == bool(files)
    assert other.value("clientId") != form.value("clientId")
    assert len(await _file_ids(alice, browser.group_id)) == 1
    assert (await browser.send(other, files)).status_code == 302
    assert [entry.content for entry in await _sent(browser.group_id)] == ["see", content]


async def test_a_second_post_is_recognised_by_its_own_copy_of_the_file(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = await browser.composer()
    await browser.send(form, [HELLO], content="see")
    with monkeypatch.context() as away:
        away.setattr(selectors, "require_files", _unavailable)
        retry = _returned_form(await browser.send(form, [HELLO], content="see"), 503)
    (message,) = await _sent(browser.group_id)
    assert retry.fields["attachments"] != [file["id"] for file in message.attachments]
    assert (await browser.send(retry)).status_code == 302
    assert len(await _sent(browser.group_id)) == 1


async def test_a_form_whose_message_was_deleted_comes_back(browser: Browser, alice: Person) -> None:
    form = await browser.composer()
    await browser.send(form, content="see")
    (message,) = await _sent(browser.group_id)
    await services.delete_message(actor=alice.actor, message_id=f"{browser.group_id}.{int(message.seq)}")
    other = _returned_form(await browser.send(form, [HELLO], content="see this"), 410)
    assert other.value("content") == "see this"
    assert other.value("clientId") != form.value("clientId")
    assert await _file_ids(alice, browser.group_id) == []
