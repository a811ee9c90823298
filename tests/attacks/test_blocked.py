"""Who is blocked learns it from no door: what they get of who has blocked them is what they get of anybody."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from groups import services as groups
from groups.blocking.services import block_user
from messaging import services as messages
from tests.cast import Person, person
from tests.entry_points import http_client
from tests.serving import serving
from users.privacy import set_addable_by


@dataclass
class Scene:
    """Bob in two groups that are alike: of alice, who has blocked him, and of carol, who has blocked nobody."""

    bob: Person
    others: dict[str, Person]
    groups: dict[str, str]
    messages: dict[str, str]
    http: httpx.AsyncClient


@pytest.fixture(scope="module")
async def scene() -> AsyncIterator[Scene]:
    bob, alice, carol = await person("Bob"), await person("Alice"), await person("Carol")
    others, found, said = {"alice": alice, "carol": carol}, {}, {}
    await block_user(actor=alice.actor, user_id=bob.id)
    for name, one in others.items():
        group = await groups.create_group(actor=one.actor, name="Harbour", member_ids=[bob.id])
        sent = await messages.send_message(actor=one.actor, group_id=group.id, content="hello")
        found[name], said[name] = group.id, sent["message"]["id"]
    # What follows the logs would have bob follow the one thread sooner than the other.
    async with serving({"RATE_LIMITS": "off", "FOLLOW": "0"}) as server, http_client(server.url, bob) as http:
        yield Scene(bob, others, found, said, http)


REQUESTS: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("GET", "/api/users/$user", None),
    ("GET", "/api/users?search=$name", None),
    ("GET", "/api/groups/$group", None),
    ("GET", "/api/groups/$group/members", None),
    ("GET", "/api/groups/$group/mentionable?search=$name", None),
    ("POST", "/api/messages", {"groupId": "$group", "content": "<@$user> look"}),
    ("POST", "/api/messages", {"groupId": "$group", "content": "so", "parentId": "$message"}),
    ("POST", "/api/messages/$message/reactions", {"emoji": "x", "action": "add"}),
    ("GET", "/api/messages?groupId=$group&render=html", None),
    ("GET", "/api/messages/$message/thread", None),
    ("GET", "/api/messages/changes?groupId=$group&since=0", None),
    ("GET", "/people/$user", None),
    ("GET", "/api/users/me/blocked", None),
)


# Times, nonces, tokens of forms, and what an avatar has of a name.
_OTHERWISE = re.compile(
    r'\d{4}-\d\d-\d\dT[\d:.]+Z|nonce="[^"]*"|value="[A-Za-z0-9]{64}"|tone-\d|>[AC]\w?<|"nextCursor":"[^"]*"'
)


def _filled(scene: Scene, who: str, text: str) -> str:
    one = scene.others[who]
    values = {"user": one.id, "name": one.actor.name, "group": scene.groups[who], "message": scene.messages[who]}
    return re.sub(r"\$(user|name|group|message)", lambda match: values[match[1]], text)


def _alike(scene: Scene, who: str, text: str) -> str:
    """Return an answer with the same words for both: ids, names and times are others anyway."""
    one = scene.others[who]
    for value in (one.id, one.actor.name, scene.messages[who], scene.groups[who]):
        text = text.replace(value, "~")
    text = text.replace("Alice", "~").replace("Carol", "~")
    return _OTHERWISE.sub("~", _in_one_order(text))


def _in_one_order(text: str) -> str:
    """Return an answer with its members in an order that has nothing of their ids."""
    if not text.startswith('{"members"'):
        return text
    page = json.loads(text)
    return json.dumps({**page, "members": sorted(page["members"], key=str)}, ensure_ascii=False)


async def _answer(scene: Scene, who: str, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, str]:
    data = body and {name: _filled(scene, who, value) for name, value in body.items()}
    if path.startswith("/api"):
        response = await scene.http.request(method, _filled(scene, who, path), json=data)
    else:
        cookies = {"__session": scene.bob.token}
        async with httpx.AsyncClient(base_url=scene.http.base_url, cookies=cookies, timeout=60) as browser:
            response = await browser.get(_filled(scene, who, path))
    return response.status_code, _alike(scene, who, response.text)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: f"{request[0]} {request[1]}")
async def test_the_answer_is_that_of_anybody(scene: Scene, request_: tuple[str, str, dict[str, Any] | None]) -> None:
    blocker, other = [await _answer(scene, who, *request_) for who in ("alice", "carol")]
    assert blocker == other
    assert blocker[0] < 300


async def test_a_refusal_does_not_say_why(scene: Scene) -> None:
    """Carol, who has blocked nobody, lets nobody add her."""
    await set_addable_by(actor=scene.others["carol"].actor, addable_by="nobody")
    made = await groups.create_group(actor=scene.bob.actor, name="Mine")
    refusals = []
    for who in ("alice", "carol"):
        # A new group is made without them: two answers are alike but for the ids.
        await groups.create_group(actor=scene.bob.actor, name=who, member_ids=[scene.others[who].id])
        for path, body in (
            ("/api/groups/direct", {"userId": "$user"}),
            ("/api/groups/direct", {"userIds": ["$user", made.created_by]}),
            (f"/api/groups/{made.id}/members", {"userIds": ["$user"]}),
        ):
            data = json.loads(_filled(scene, who, json.dumps(body)))
            response = await scene.http.post(path, json=data)
            assert response.status_code == 403, path
            refusals.append(_alike(scene, who, response.text))
    assert refusals[:3] == refusals[3:]


async def test_nor_does_a_conversation_that_was_closed(scene: Scene) -> None:
    dan = await person("Dan")
    direct = await groups.create_direct(actor=dan.actor, user_id=scene.bob.id)
    await block_user(actor=dan.actor, user_id=scene.bob.id)
    response = await scene.http.post("/api/messages", json={"groupId": direct.id, "content": "hello"})
    assert response.status_code == 403
    changes = (await scene.http.get(f"/api/messages/changes?groupId={direct.id}&since=0")).json()["changes"]
    assert [change["event"] for change in changes] == ["member_update", "group_update"]
    for text in (response.text, str(changes)):
        assert not re.search("block|clos", text.lower())
