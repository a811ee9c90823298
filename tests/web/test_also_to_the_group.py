"""A reply that its author says in the group too: each is stored once, and the reply stays in any case."""

from typing import Any

import pytest
from django.test import AsyncClient

from foundation.limits.rates import Rate
from groups.log import appender, queries
from groups.log.entry import Entry
from messaging import services
from messaging.quotes.services import send_also_to_group
from tests.cast import Person
from tests.page_form import Form, composer_in

WRITTEN = "aye, **all** of it"


class Thread:
    """Alice's browser without a script, with a thread open."""

    def __init__(self, person: Person, group_id: str, parent_id: str) -> None:
        self.client, self.group_id, self.parent_id = AsyncClient(), group_id, parent_id
        self.client.cookies["__session"] = person.token

    async def composer(self) -> Form:
        response = await self.client.get(f"/groups/{self.group_id}/threads/{self.parent_id}")
        return composer_in(response.content.decode(), self.parent_id)

    async def send(self, form: Form, **typed: str) -> Any:
        return await self.client.post(form.action, {**form.fields, **typed})

    async def stored(self) -> tuple[list[Entry], list[Entry]]:
        """Return the replies, and what was said in the group besides the message that opened the thread."""
        said = [entry for entry in await queries.entries_after(self.group_id, 0) if entry.kind == "message"]
        return [entry for entry in said if entry.parent_id], [entry for entry in said[1:] if not entry.parent_id]


@pytest.fixture
async def thread(alice: Person, bob: Person, group_id: str) -> Thread:
    root = await services.send_message(actor=bob.actor, group_id=group_id, content="a question")
    return Thread(alice, group_id, root["message"]["id"])


async def test_a_reply_is_in_the_thread_alone_unless_its_author_wants_more(thread: Thread) -> None:
    form = await thread.composer()
    assert (await thread.send(form, content=WRITTEN)).status_code == 302
    replies, others = await thread.stored()
    assert ([entry.content for entry in replies], others) == ([WRITTEN], [])


async def test_a_reply_to_both_is_a_quote_in_the_group_that_leads_into_the_thread(thread: Thread) -> None:
    response = await thread.send(await thread.composer(), content=WRITTEN, alsoToGroup="true")
    assert (response.status_code, response["Location"]) == (
        302,
        f"/groups/{thread.group_id}/threads/{thread.parent_id}",
    )
    (reply,), (quote,) = await thread.stored()
    link = f"/groups/{thread.group_id}/messages/{int(reply.seq)}"
    assert f"]({link}):" in quote.content
    assert f"> {WRITTEN}" in quote.content
    page = (await thread.client.get(link)).content.decode()
    assert f'data-thread="{thread.parent_id}"' in page


async def test_both_are_stored_once_however_often_the_form_is_sent(thread: Thread) -> None:
    form = await thread.composer()
    for _ in range(2):
        assert (await thread.send(form, content=WRITTEN, alsoToGroup="true")).status_code == 302
        appender.get_appenders().clear()  # the process forgets them, as after a restart
    replies, others = await thread.stored()
    assert (len(replies), len(others)) == (1, 1)


async def test_a_form_of_which_the_reply_alone_was_stored_is_sent_again_for_the_rest(
    thread: Thread, settings: Any
) -> None:
    form = await thread.composer()
    settings.RATE_LIMITS = {"message": Rate(1, 1000)}
    response = await thread.send(form, content=WRITTEN, alsoToGroup="true")
    assert response.status_code == 429
    replies, others = await thread.stored()
    assert (len(replies), len(others)) == (1, 0)
    page = response.content.decode()
    retry = composer_in(page, thread.parent_id)
    assert retry.value("alsoToGroup") == "true"
    assert retry.value("clientId") == form.value("clientId")
    settings.RATE_LIMITS = {}
    assert (await thread.send(retry)).status_code == 302
    replies, others = await thread.stored()
    assert (len(replies), len(others)) == (1, 1)


async def test_a_reply_stays_where_the_group_is_refused_and_its_author_is_told(
    thread: Thread, alice: Person, bob: Person
) -> None:
    form = await thread.composer()
    other = await services.send_message(actor=bob.actor, group_id=thread.group_id, content="something else")
    # What the reply's own name stands for in the group is taken.
    await send_also_to_group(actor=alice.actor, reply=other["message"], client_id=form.value("clientId"))
    response = await thread.send(form, content=WRITTEN, alsoToGroup="true")
    page = response.content.decode()
    assert response.status_code == 409
    assert "Your reply is in the thread." in page
    again = composer_in(page, thread.parent_id)
    assert again.value("content") == ""
    assert again.value("clientId") != form.value("clientId")
    replies, others = await thread.stored()
    assert [entry.content for entry in replies] == [WRITTEN]
    assert not [entry for entry in others if WRITTEN in entry.content]
