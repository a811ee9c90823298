"""What the boxes to write in ask the server for: commands and previews, by the script and by forms alone."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import AsyncClient

from groups import selectors as groups
from groups import services as group_services
from messaging import selectors
from messaging.later.selectors import list_reminders
from tests.cast import Person
from tests.page_form import composer_in
from users import selectors as users


class Writer:
    """Somebody's browser without a script, with one group open."""

    def __init__(self, person: Person, group_id: str) -> None:
        self.person, self.group_id, self.client = person, group_id, AsyncClient()
        self.client.cookies["__session"] = person.token

    async def sends(self, text: str) -> Any:
        page = await self.client.get(f"/groups/{self.group_id}")
        form = composer_in(page.content.decode())
        return await self.client.post(form.action, {**form.fields, "content": text})

    async def asks(self, text: str, **more: str) -> Any:
        """Ask as the script does."""
        return await self.client.post(f"/groups/{self.group_id}/command", {"content": text, **more})

    async def texts(self, group_id: str = "") -> list[str]:
        page = await selectors.read_page(actor=self.person.actor, group_id=group_id or self.group_id, limit=50)
        return [message["content"] for message in page["messages"]]


@pytest.fixture
def writer(alice: Person, group_id: str) -> Writer:
    return Writer(alice, group_id)


async def test_a_status_by_form(writer: Writer) -> None:
    response = await writer.sends("/status :palm_tree: On holiday for 2 days")
    assert response["Location"] == "/profile"
    status = (await users.get_user(user_id=writer.person.id)).custom_status
    assert status
    assert (status.emoji, status.text) == ("🌴", "On holiday")
    assert status.expires_at
    await writer.sends("/status")
    assert (await users.get_user(user_id=writer.person.id)).custom_status is None
    assert await writer.texts() == []


async def test_a_topic_by_form_and_who_may_not_is_told(writer: Writer, bob: Person) -> None:
    response = await writer.sends("/topic Tides and ships")
    assert response["Location"] == f"/groups/{writer.group_id}"
    group = await groups.find_group(group_id=writer.group_id)
    assert group
    assert group.topic == "Tides and ships"
    refused = await Writer(bob, writer.group_id).sends("/topic Mine")
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "/topic Mine" in refused.content.decode()


async def test_a_reminder_is_a_note_and_comes_once(writer: Writer) -> None:
    for _ in range(2):
        response = await writer.asks("/remind me call Ada in 20 minutes", clientId="once")
    assert response.json()["page"] == "planned"
    notes = await group_services.create_direct(actor=writer.person.actor)
    assert await writer.texts(notes.id) == ["call Ada"]
    reminders = (await list_reminders(actor=writer.person.actor))["reminders"]
    assert {reminder["groupId"] for reminder in reminders} == {notes.id}
    assert await writer.texts() == []


async def test_a_reminder_that_cannot_be_leaves_no_note(writer: Writer) -> None:
    for text in ("/remind me call Ada tomorrow", "/remind call Ada in 9999 weeks"):
        response = await writer.asks(text)
        assert response.status_code == HTTPStatus.BAD_REQUEST
        assert response.json()["problem"]
    notes = await group_services.create_direct(actor=writer.person.actor)
    assert await writer.texts(notes.id) == []
    assert (await writer.asks("/remind call Ada tomorrow", timeZone="Europe/Berlin")).status_code == HTTPStatus.OK


async def test_what_one_does_and_two_slashes_are_messages(writer: Writer) -> None:
    for text in ("/me looks around", "//help me", "/usr/bin/env"):
        assert (await writer.sends(text)).status_code == HTTPStatus.FOUND
    assert await writer.texts() == ["_looks around_", "/help me", "/usr/bin/env"]
    assert (await writer.asks("/me looks around")).json() == {"say": "_looks around_"}


async def test_an_unknown_command_is_not_sent_before_one_says_so(writer: Writer) -> None:
    response = await writer.sends("/frobnicate all")
    assert response.status_code == HTTPStatus.BAD_REQUEST
    page = response.content.decode()
    assert "There is no command /frobnicate" in page
    assert await writer.texts() == []
    form = composer_in(page)
    assert form.value("content") == "//frobnicate all"
    await writer.client.post(form.action, form.fields)
    assert await writer.texts() == ["/frobnicate all"]
    said = (await writer.asks("/frobnicate all")).json()
    assert said["isUnknown"]


async def test_a_retried_form_says_the_same_once(writer: Writer) -> None:
    page = await writer.client.get(f"/groups/{writer.group_id}")
    form = composer_in(page.content.decode())
    for _ in range(2):
        await writer.client.post(form.action, {**form.fields, "content": "/me waves"})
    assert await writer.texts() == ["_waves_"]


async def test_commands_are_shown_and_help_leads_there(writer: Writer) -> None:
    response = await writer.sends("/help")
    assert response["Location"] == "/commands"
    assert "/remind" in (await writer.client.get("/commands")).content.decode()


async def test_a_preview_is_what_the_message_will_be(writer: Writer, bob: Person) -> None:
    text = f"**ahoy** <@{bob.id}> :tada: `<b>` <script>"
    part = await writer.client.post(f"/groups/{writer.group_id}/preview", {"content": text, "part": "1"})
    shown = part.content.decode()
    assert f'<strong>ahoy</strong> <span class="mention" data-mention="@{bob.id}">@{bob.actor.name}</span> 🎉' in shown
    assert "<script" not in shown
    whole = await writer.client.post(f"/groups/{writer.group_id}/preview", {"content": text})
    page = whole.content.decode()
    assert "<strong>ahoy</strong>" in page
    assert composer_in(page).value("content") == text
    assert await writer.texts() == []


async def test_a_preview_of_code_is_rendered_beside_the_loop(writer: Writer) -> None:
    part = await writer.client.post(
        f"/groups/{writer.group_id}/preview", {"content": "```python\nimport this\n```", "part": "1"}
    )
    assert '<span class="kn">import</span>' in part.content.decode()
