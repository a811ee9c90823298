"""A message sent by a form is stored once, whatever fails on the way; and nothing that was typed is lost."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import AsyncClient
from pytest_django import Settings

from chatproject.errors import Unavailable
from groups.log import reading
from groups.log.table import Entry
from messaging import page_forms, services
from tests.cast import Person
from tests.page_form import Form, composer_in

HELLO = ("a.txt", b"hello")


class Browser:
    """Alice's, without a script, at one group."""

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
def browser(alice: Person, group_id: str, settings: Settings, tmp_path: Path) -> Browser:
    settings.STATIC_ROOT = tmp_path  # whitenoise warns where nobody has run collectstatic
    return Browser(alice, group_id)


async def _sent(group_id: str) -> list[Entry]:
    return [entry for entry in await reading.entries_after(group_id, 0) if entry.kind == "message"]


def _came_back(response: HttpResponse, status: int, parent_id: str = "") -> Form:
    assert response.status_code == status, response.content.decode()
    return composer_in(response.content.decode(), parent_id)


async def _unavailable(**_: Any) -> None:
    raise Unavailable


async def test_a_read_mark_that_cannot_be_moved_does_not_fail_the_send(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "mark_read", _unavailable)
    response = await browser.send(await browser.composer(), content="ahoy")
    assert (response.status_code, response["Location"]) == (302, f"/groups/{browser.group_id}")
    assert [entry.content for entry in await _sent(browser.group_id)] == ["ahoy"]


async def test_a_file_that_cannot_be_taken_back_does_not_hide_why_a_message_was_refused(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_forms, "discard_files", _unavailable)
    _came_back(await browser.send(await browser.composer(), [HELLO], content="x" * 10_001), 400)
