"""No request keeps the event loop for over 50 ms of computing, whatever it is: the corpus, and generated ones."""

import asyncio
import json
from collections.abc import Callable, Iterable

import pytest
from websockets.sync.client import connect

from groups.log import queries
from messaging import services as messages
from messaging.inbox.follower import ThreadsAndInbox
from tests.cast import Person

from .corpus import pages, requests, uploads
from .corpus.generated import Generator
from .corpus.requests import Request
from .raw_http import exchange
from .stage import scenery
from .turns import MAX_SECONDS, Turns

CORPUS: dict[str, Callable[[], Iterable[Request]]] = {
    # Those that could take long.
    "fields of forms": lambda: (form for form in pages.fields() if len(form.body) > 10_000),
    "whole forms": pages.whole_forms,
    "pages": pages.pages,
    "addresses": requests.addresses,
    "headers": requests.headers,
    "uploads": uploads.uploads,
    "generated": lambda: Generator(29).requests(300),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", CORPUS)
async def test_no_request_keeps_the_loop(port: int, alice: Person, bob: Person, turns: Turns, name: str) -> None:
    names = await scenery(alice, bob)
    slow = {}
    for request in CORPUS[name]():
        raw, hangs_up = request.raw(names), request.hangs_up
        longest = await turns.best(lambda: asyncio.to_thread(exchange, port, raw, hangs_up=hangs_up))  # noqa: B023
        if longest[0] > MAX_SECONDS:
            slow[request.title] = longest
    assert slow == {}


# Pages and lists of the longest messages, with all the links that they may have, and the letters that take most space.
HEAVY = ("https://e.example/'<&> " * 50 + "'<&>\u00e9" * 10_000)[:10_000]
HEAVIEST = (
    *("/groups/$group", "/groups/$group/threads/$message", "/groups/$group/messages/$message/edit"),
    *("/api/messages?groupId=$group&limit=100", "/api/messages/$message/thread?limit=100"),
    *("/api/messages/changes?groupId=$group&since=0&limit=100", "/api/files?groupId=$group&limit=100"),
)


@pytest.fixture
async def heavy(alice: Person, bob: Person) -> dict[str, str]:
    """A group of 100 of the longest messages, 50 of them replies to the first."""
    names = await scenery(alice, bob)
    for parent_id in [None] * 50 + [names["$message"]] * 50:
        await messages.send_message(actor=alice.actor, group_id=names["$group"], content=HEAVY, parent_id=parent_id)
    return names


async def test_the_heaviest_answers_do_not_keep_the_loop(port: int, heavy: dict[str, str], turns: Turns) -> None:
    for path in HEAVIEST:
        raw = Request(path, "GET", path).raw(heavy)
        seconds, callback = await turns.best(lambda: asyncio.to_thread(exchange, port, raw))  # noqa: B023
        assert seconds < MAX_SECONDS, (path, callback)


async def test_a_full_inbox_does_not_keep_the_loop(port: int, alice: Person, bob: Person, turns: Turns) -> None:
    names = await scenery(alice, bob)
    group_id, text = names["$group"], f"<@{alice.id}> {HEAVY}"[:10_000]
    for _ in range(100):
        root = await messages.send_message(actor=bob.actor, group_id=group_id, content=text)
        await messages.send_message(actor=bob.actor, group_id=group_id, content=text, parent_id=root["message"]["id"])
    await ThreadsAndInbox().handle(group_id, await queries.entries_after(group_id, 0), notify=False)
    for path in ("/inbox", "/threads", "/api/inbox?limit=100", "/api/threads?limit=50", "/api/inbox?render=html"):
        raw = Request(path, "GET", path).raw(names)
        seconds, callback = await turns.best(lambda: asyncio.to_thread(exchange, port, raw))  # noqa: B023
        assert seconds < MAX_SECONDS, (path, callback)


@pytest.mark.parametrize("accept", ["*/html", "application/json; indent=8"])
async def test_an_answer_of_another_form_is_made_in_a_thread(
    port: int, heavy: dict[str, str], turns: Turns, accept: str
) -> None:
    raw = Request(accept, "GET", HEAVIEST[3], headers={"Accept": accept}).raw(heavy)
    seconds, callback = await turns.best(lambda: asyncio.to_thread(exchange, port, raw))
    assert seconds < MAX_SECONDS, callback


async def test_the_heaviest_events_do_not_keep_the_loop(
    port: int, heavy: dict[str, str], alice: Person, turns: Turns
) -> None:
    def returning() -> None:
        """Come back after everything, then ask for it again."""
        with connect(f"ws://127.0.0.1:{port}/ws/", max_size=None) as socket:
            auth = {"token": alice.token, "since": {heavy["$group"]: 0}}
            socket.send(json.dumps({"event": "connect", "data": auth}))
            for parent in (None, heavy["$message"]):
                data = {"groupId": heavy["$group"], "parentId": parent, "limit": 100}
                socket.send(json.dumps({"event": "thread_sync", "ack": str(parent), "data": data}))
                while json.loads(socket.recv(30)).get("ack") != str(parent):
                    pass

    seconds, callback = await turns.best(lambda: asyncio.to_thread(returning))
    assert seconds < MAX_SECONDS, callback
