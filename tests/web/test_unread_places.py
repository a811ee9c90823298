"""The page of what is unread: groups and followed threads, newest first, each read up to what the page had of it."""

import re
from typing import Any

import pytest
from django.test import AsyncClient

from groups import selectors as groups
from groups import services
from groups.read_marks import read_marks
from messaging import selectors, unread_places
from messaging.services import delete_message
from tests.cast import Person
from tests.messaging.following import handle, say
from tests.page_form import forms_in


class Browser:
    """Bob's browser without a script."""

    def __init__(self, person: Person) -> None:
        self.person, self.client = person, AsyncClient()
        self.client.cookies["__session"] = person.token

    async def opens(self, path: str = "/unread") -> str:
        # The server asks nobody for marks that are yet to be written.
        await read_marks().write_all()
        response = await self.client.get(path)
        assert response.status_code == 200, response.content.decode()[-500:]
        return response.content.decode()

    async def reads(self, *places: str) -> Any:
        return await self.client.post("/unread/read", {"places": list(places)})


@pytest.fixture
def browser(bob: Person) -> Browser:
    return Browser(bob)


def places_in(page: str) -> list[str]:
    return re.findall(r'data-place-id="([^"]+)"', page)


def values_in(page: str) -> list[str]:
    return re.findall(r'name="places" value="([^"]+)"', page)


async def another_group(alice: Person, bob: Person) -> str:
    group = await services.create_group(actor=alice.actor, name="Elsewhere")
    await services.add_members(actor=alice.actor, group_id=group.id, user_ids=[bob.id])
    return group.id


async def test_groups_and_followed_threads_are_listed_newest_first(
    browser: Browser, alice: Person, bob: Person, group_id: str
) -> None:
    root = await say(bob, group_id, "my question")
    other = await another_group(alice, bob)
    for number in range(5):
        await say(alice, other, f"line <b>{number}</b>")
    await say(alice, group_id, "an answer", to=root)
    await say(alice, group_id, "what bob has not read")
    await handle(group_id)
    page = await browser.opens()
    assert places_in(page) == [group_id, root, other]
    # The first unread ones of each, and how many more.
    assert [f"line &lt;b&gt;{number}" in page for number in range(5)] == [True, True, True, False, False]
    assert "And 2 more." in page
    assert ("an answer" in page, "my question" in page) == (True, False)


async def test_a_place_is_read_up_to_what_the_page_had_of_it(
    browser: Browser, alice: Person, bob: Person, group_id: str
) -> None:
    root = await say(bob, group_id, "my question")
    await say(alice, group_id, "an answer", to=root)
    await say(alice, group_id, "in the group")
    await handle(group_id)
    page = await browser.opens()
    of_group, of_thread = values_in(page)
    await say(alice, group_id, "seen by nobody yet")
    await say(alice, group_id, "nor this", to=root)
    await handle(group_id)
    response = await browser.reads(of_group)
    assert (response.status_code, response["Location"]) == (302, "/unread")
    page = await browser.opens()
    assert set(places_in(page)) == {group_id, root}
    assert ("in the group" in page, "seen by nobody yet" in page, "an answer" in page) == (False, True, True)
    await browser.reads(of_thread)
    page = await browser.opens()
    assert ("an answer" in page, "nor this" in page) == (False, True)


async def test_all_are_marked_as_read_after_a_question(
    browser: Browser, alice: Person, bob: Person, group_id: str
) -> None:
    other = await another_group(alice, bob)
    await say(alice, group_id, "here")
    await say(alice, other, "there")
    page = await browser.opens("/unread?ask")
    assert "Mark 2 conversations as read" in page
    (asked,) = [form for form in forms_in(page) if form.action == "/unread/read"]
    assert places_in(page) == [other, group_id]
    assert (await browser.client.post(asked.action, asked.fields)).status_code == 302
    page = await browser.opens("/unread?ask")
    assert ("You have read everything." in page, "Mark all as read" in page) == (True, False)
    assert {group.unread for group in (await groups.list_groups(actor=bob.actor)).groups} == {0}


async def test_the_list_goes_on_after_a_page(
    browser: Browser, alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread_places.list_unread, "__kwdefaults__", {"cursor": None, "limit": 1})
    other = await another_group(alice, bob)
    await say(alice, group_id, "here")
    await say(alice, other, "there")
    page = await browser.opens()
    assert places_in(page) == [other]
    (more,) = re.findall(r'href="(\?cursor=[^"]+)"[^>]*>Show older ones', page)
    page = await browser.opens(f"/unread{more}")
    assert places_in(page) == [group_id]
    assert "Show older ones" not in page


async def test_what_was_deleted_is_not_shown_and_an_outsider_reads_nothing(
    browser: Browser, alice: Person, charlie: Person, group_id: str
) -> None:
    gone = await say(alice, group_id, "a secret of the group")
    await say(alice, group_id, "what stays")
    await delete_message(actor=alice.actor, message_id=gone)
    page = await browser.opens()
    assert ("a secret" in page, "what stays" in page) == (False, True)
    outside = Browser(charlie)
    page = await outside.opens()
    assert places_in(page) == []
    assert (await outside.reads(f"{group_id}:2")).status_code == 404
    assert (await outside.reads(f"{gone}:2")).status_code == 404


@pytest.mark.parametrize("place", ["", "group", ":", "group_x:", "group_x:-1", "group_x:x", "group_x:1e9", "x" * 200])
async def test_what_is_no_place_is_refused(browser: Browser, place: str) -> None:
    assert (await browser.reads(place)).status_code == 400


@pytest.mark.parametrize("count", [0, 21])
async def test_a_form_has_some_places_and_not_too_many(browser: Browser, group_id: str, count: int) -> None:
    assert (await browser.reads(*[f"{group_id}:1"] * count)).status_code == 400


async def test_a_cursor_of_another_list_is_refused(browser: Browser) -> None:
    assert (await browser.client.get("/unread?cursor=x")).status_code == 400


async def test_a_long_thread_is_shown_where_the_unread_begin(
    browser: Browser, alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.threads.content.REPLIES_SHOWN", 8)
    root = await say(bob, group_id, "my question")
    await say(bob, group_id, "read, by writing it", to=root)
    replies = [await say(alice, group_id, f"reply {number:02}", to=root) for number in range(20)]
    address = f"/groups/{group_id}/threads/{root}"
    page = await browser.opens(address)
    panel = page[page.index('id="panel"') :]
    assert re.findall(r"reply \d\d", panel) == [f"reply {number:02}" for number in range(7)]
    assert ("read, by writing it" in panel, "data-joins" in panel) == (True, True)
    assert f'data-parent-id="{root}" data-thread' not in panel
    # What it shows is marked as read by its button, and no more.
    (until,) = re.findall(r'name="seq" value="(\d+)"', panel)
    assert f"{group_id}.{until}" == replies[6]
    await browser.client.post(f"{address}/read", {"seq": until})
    thread = await selectors.list_thread(actor=bob.actor, message_id=root)
    assert thread["unread"] == 13
    (following,) = re.findall(r'href="[^"]+(\?after=\d+)"', panel)
    page = await browser.opens(address + following)
    assert "reply 07" in page[page.index('id="panel"') :]
    page = await browser.opens(f"{address}?newest")
    panel = page[page.index('id="panel"') :]
    assert re.findall(r"reply \d\d", panel) == [f"reply {number:02}" for number in range(12, 20)]
    # It lacks some that are unread: only at its end all of it is read.
    assert ("data-joins" in panel, f'data-parent-id="{root}" data-thread' in panel) == (False, True)
