"""Any input gets a typed response: never a 500, a closed socket, or anything stored by a failed attempt."""

# Long: one table of all requests, which reads better in one piece.

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groups import selectors as group_selectors
from groups import services as groups
from messaging import services as messages

from .bad_input_conversations import CONVERSATION_INPUTS
from .bad_input_notifications import NOTIFICATION_LISTS, NOTIFICATION_REQUESTS
from .bad_input_own import OWN_EVENTS, OWN_LISTS, OWN_REQUESTS
from .bad_input_planned import PLANNED_EVENTS, PLANNED_REQUESTS
from .cast import Person, person
from .entry_points import OK, ack_code, code_of, http_client
from .limit_cases import LIMITS
from .parity_places import PLACE_REQUESTS
from .serving import serving
from .socket_client import SocketClient, connected

# Every code but `unavailable`, which would mean that the server has failed.
TYPED = {OK, "invalid", "not_found", "forbidden", "gone", "too_large", "version_conflict", "idempotency_conflict"}
DEEP = '{"groupId":' + "[" * 200_000


@dataclass
class Scene:
    alice: Person
    group_id: str
    message_id: str
    http: httpx.AsyncClient
    socket: SocketClient

    async def head(self) -> int:
        return (await group_selectors.get_head_position(group_id=self.group_id)).seq


@pytest.fixture(scope="module")
async def scene() -> AsyncIterator[Scene]:
    alice = await person("Alice")
    group = await groups.create_group(actor=alice.actor, name="Harbour")
    sent = await messages.send_message(actor=alice.actor, group_id=group.id, content="hello")
    async with (
        serving({}) as server,
        http_client(server.url, alice) as http,
        connected(server.url, alice) as socket,
    ):
        yield Scene(alice, group.id, sent["message"]["id"], http, socket)


# --- any JSON in any field -------------------------------------------------------------------------------------------
any_text = st.text(st.characters(exclude_categories=()), max_size=40) | st.sampled_from(
    [
        "",
        " ",
        "\0",
        "a\nb",
        "#",
        "/",
        "a.b.c",
        ".1",
        "x.-1",
        "x.\uff11",
        "x.007",
        "\ud800",
        "🤷",
        "x" * 11_000,
        "\u0661",
        "1e9",
    ]
)
any_number = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
any_json = st.recursive(
    st.none() | st.booleans() | any_number | any_text,
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)
without_deadline = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)

ODD_VALUES = ["*", '"', 'W/"x"', '"a","b', '-gzip"', "Thu, 32 Foo 2026", "0" * 5000, "bytes=0-1", "text/html;q=x", ","]
EVENTS: dict[str, dict[str, Any]] = {
    "message": {
        "groupId": "$group",
        "content": "x",
        "clientId": None,
        "after": 0,
        "parentId": None,
        "attachments": [],
    },
    "edit_message": {"messageId": "$message", "content": "x", "ifVersion": None},
    **{event: {"messageId": "$message"} for event in ("delete_message", "quote", "message_history", "mark_unread")},
    "reaction": {"messageId": "$message", "emoji": "👍", "action": "add"},
    "thread_sync": {"groupId": "$group", "parentId": "$message", "since": 0, "before": 9, "limit": 10},
    "thread_follow": {"messageId": "$message", "following": True},
    "inbox_read": {"itemIds": ["$message"]},
    "search": {"q": "hello", "order": "best", "limit": 10},
    **{event: {"messageId": "$message", "action": "add"} for event in ("pin", "save_message")},
    "draft": {"groupId": "$group", "parentId": "$message", "content": "x", "ifVersion": None},
    "forward_message": {"messageId": "$message", "groupId": "$group", "content": "x", "clientId": None, "after": 0},
    "thread_typing": {"groupId": "$group", "parentId": None, "typing": False},
    "thread_read": {"groupId": "$group", "parentId": "$message", "seq": 1},
    **OWN_EVENTS,
    **PLANNED_EVENTS,
}
REQUESTS: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/messages"): EVENTS["message"],
    ("PATCH", "/api/messages/$message"): {"content": "x", "ifVersion": None},
    ("POST", "/api/messages/$message/reactions"): {"emoji": "👍", "action": "add"},
    ("POST", "/api/messages/read"): EVENTS["thread_read"],
    ("POST", "/api/inbox/read"): EVENTS["inbox_read"],
    **{("POST", f"/api/messages/$message/{act}"): {"action": "add"} for act in ("pin", "saved")},
    ("POST", "/api/messages/$message/forward"): {"groupId": "$group", "content": "x", "clientId": None, "after": 0},
    ("PUT", "/api/drafts"): EVENTS["draft"],
    **OWN_REQUESTS,
    **PLANNED_REQUESTS,
    **NOTIFICATION_REQUESTS,
    **CONVERSATION_INPUTS,
    **PLACE_REQUESTS,
    ("POST", "/api/groups/$group/members"): {"userIds": ["x"], "teamIds": ["team:x"]},
    ("POST", "/api/teams"): {"name": "x", "handle": "xx", "description": "", "memberIds": []},
    ("PATCH", "/api/teams/team:x"): {"name": "x", "handle": "xx", "description": ""},
    ("POST", "/api/teams/team:x/members"): {"userIds": ["x"]},
    ("PATCH", "/api/teams/team:x/members/x"): {"role": "manager"},
    ("PATCH", "/api/groups/$group/members/x"): {"role": "member"},
    ("PATCH", "/api/users/me"): {"name": "x", "handle": "", "title": "x", "timeZone": "UTC"},
    ("PUT", "/api/users/me/status"): {"emoji": "👍", "text": "x", "expiresAt": None},
}
LISTS: dict[str, tuple[str, ...]] = {
    "/api/messages": ("groupId", "before", "after", "around", "limit", "render"),
    "/api/drafts": ("groupId",),
    "/api/messages/changes": ("groupId", "since", "limit", "render"),
    "/api/messages/$message/thread": ("before", "limit", "render"),
    **dict.fromkeys(("/api/groups/$group/pins", "/api/messages/$message/history"), ("render",)),
    "/api/search": ("q", "order", "cursor", "limit", "render"),
    **{f"/api/{own}": ("cursor", "limit", "render") for own in ("threads", "inbox", "saved")},
    "/api/groups/$group/mentionable": ("search", "limit"),
    "/api/files": ("groupId", "limit", "before", "cursor", "type"),
    "/api/users": ("search", "limit", "cursor"),
    **OWN_LISTS,
    "/api/reminders": ("render",),
    **NOTIFICATION_LISTS,
    "/api/groups": ("cursor", "limit"),
    "/api/groups/directory": ("q", "cursor", "limit"),
    "/api/teams": ("search", "limit", "cursor"),
    "/api/teams/team:x/members": ("cursor", "limit"),
    "/api/users/me/blocked": ("cursor", "limit"),
    "/api/groups/$group/members": ("cursor", "limit"),
    "/api/health": ("scope",),
}
PATHS = (
    *(f"/api/messages/{{}}{more}" for more in ("", "/thread", "/history", "/quote")),
    *(f"/api/groups/{{}}{more}" for more in ("", "/members", "/mentionable", "/pins", "/picture", "/invitation-links")),
    *("/api/teams/{}", "/api/teams/{}/members"),
    *("/api/users/{}", "/api/users/{}/picture", "/api/drafts?groupId={}", "/api/messages?around={}&groupId=x"),
)
FILE_PATHS = ("/api/files/{}", "/api/files/metadata/{}", "/api/files/{}/thumbnails/160", "/api/files/x/thumbnails/{}")


def _fill(scene: Scene, text: str) -> str:
    return text.replace("$message", scene.message_id).replace("$group", scene.group_id)


def _with_any_field(data: st.DataObject, scene: Scene, valid: dict[str, Any]) -> dict[str, Any]:
    """Return the valid input with one field replaced with anything."""
    name = data.draw(st.sampled_from(sorted(valid)))
    filled: dict[str, Any] = json.loads(_fill(scene, json.dumps(valid)))
    return filled | {name: data.draw(any_json)}


@without_deadline
@given(data=st.data())
async def test_any_json_in_any_field_of_an_event_gets_a_typed_response(scene: Scene, data: st.DataObject) -> None:
    event = data.draw(st.sampled_from(sorted(EVENTS)))
    spoiled = _with_any_field(data, scene, EVENTS[event])
    head = await scene.head()
    code = ack_code(await scene.socket.send(event, spoiled))
    assert code in TYPED
    if code != OK:
        assert await scene.head() == head


@without_deadline
@given(data=st.data())
async def test_any_json_in_any_field_of_a_request_gets_a_typed_response(scene: Scene, data: st.DataObject) -> None:
    method, path = data.draw(st.sampled_from(sorted(REQUESTS)))
    spoiled = _with_any_field(data, scene, REQUESTS[method, path])
    head = await scene.head()
    # Not httpx's encoder, which cannot write half a surrogate pair as a browser can.
    code = await _request(scene, method, _fill(scene, path), json.dumps(spoiled))
    assert code in TYPED
    if code != OK:
        assert await scene.head() == head


@without_deadline
@given(data=st.data())
async def test_any_text_in_a_url_gets_a_typed_response(scene: Scene, data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        path = data.draw(st.sampled_from(sorted(LISTS)))
        query = {name: data.draw(any_text) for name in LISTS[path]}
        if data.draw(st.booleans()):
            query["groupId"] = scene.group_id
        encoded = "&".join(f"{name}={_quote(value)}" for name, value in query.items())
        response = await scene.http.get(f"{_fill(scene, path)}?{encoded}")
    else:
        part = _quote(data.draw(any_text.filter(lambda text: text not in ("", ".", ".."))))
        path = data.draw(st.sampled_from(PATHS + FILE_PATHS)).format(part)
        response = await scene.http.get(path)
    assert code_of(response) in TYPED


def _quote(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


async def _request(scene: Scene, method: str, path: str, body: str | bytes, kind: str = "application/json") -> str:
    response = await scene.http.request(method, path, content=body, headers={"Content-Type": kind} if kind else {})
    return code_of(response)


HEADERS = (
    *("If-Match", "If-None-Match", "If-Unmodified-Since", "If-Modified-Since"),
    *("Idempotency-Key", "Accept", "Range"),
)
CONDITIONAL = TYPED | {"precondition_failed", "not_acceptable"}


@without_deadline
@given(data=st.data())
async def test_any_text_in_a_header_gets_a_typed_response(scene: Scene, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(HEADERS), min_size=1, max_size=3, unique=True))
    # The server's parser takes no control characters (RFC 9110, 5.5), and says so by itself.
    visible = st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f")
    text = st.text(visible, max_size=60) | st.sampled_from(ODD_VALUES)
    headers = [(name.encode(), data.draw(text).encode("latin-1")) for name in names]
    method = data.draw(st.sampled_from(("GET", "HEAD", "PATCH", "DELETE")))
    path = "/api/groups/$group" if method != "DELETE" else "/api/groups/$group/members/x"
    body = {"json": {"name": "Harbour"}} if method == "PATCH" else {}
    response = await scene.http.request(method, _fill(scene, path), headers=headers, **body)  # type: ignore[arg-type] # httpx takes bytes
    if method == "HEAD":
        assert response.status_code in (200, 304, 406)
    elif response.headers.get("content-type", "").startswith("text/html"):
        assert response.status_code < 500
    else:
        assert response.status_code == 304 or code_of(response) in CONDITIONAL


# --- bodies ----------------------------------------------------------------------------------------------------------
BODIES: dict[str, tuple[str | bytes, str, str]] = {
    "nothing": ("", "application/json", "invalid"),
    "no JSON": ("hello", "application/json", "invalid"),
    "half of an object": ('{"groupId":', "application/json", "invalid"),
    "an array": ("[]", "application/json", "invalid"),
    "a text": ('"hello"', "application/json", "invalid"),
    "a number": ("5", "application/json", "invalid"),
    "null": ("null", "application/json", "invalid"),
    "NaN": ('{"groupId":"$group","content":"x","after":NaN}', "application/json", "invalid"),
    "an infinite number": ('{"groupId":"$group","content":"x","after":1e999}', "application/json", "invalid"),
    "a number of 5,000 digits": (
        '{"groupId":"$group","content":"x","after":' + "9" * 5000 + "}",
        "application/json",
        "invalid",
    ),
    "deep nesting": (DEEP, "application/json", "invalid"),
    "no UTF-8": (b'{"groupId":"$group","content":"\xe9"}', "application/json", "invalid"),
    "another encoding": ('{"groupId":"$group","content":"x"}'.encode("utf-16"), "application/json", "invalid"),
    "a codec that is not a charset": ('{"groupId":"$group"}', "application/json; charset=zlib", "invalid"),
    "another type": ('{"groupId":"$group","content":"x"}', "text/plain", "unsupported_media_type"),
    "no type": ('{"groupId":"$group","content":"x"}', "", "unsupported_media_type"),
    "a form": ("groupId=$group&content=x", "application/x-www-form-urlencoded", "unsupported_media_type"),
    "over the limit": (json.dumps({"content": "x" * 1_000_000}), "application/json", "too_large"),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_is_not_a_json_object_is_refused(scene: Scene, name: str) -> None:
    body, kind, expected = BODIES[name]
    raw = body.encode() if isinstance(body, str) else body
    head = await scene.head()
    body = raw.replace(b"$group", scene.group_id.encode())
    assert await _request(scene, "POST", "/api/messages", body, kind) == expected
    assert await scene.head() == head


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/nothing"), ("POST", "/api/messages/a/b/c"), ("PUT", "/api/x/")]
)
async def test_an_unknown_path_gets_404_in_json(scene: Scene, method: str, path: str) -> None:
    assert code_of(await scene.http.request(method, path)) == "not_found"


# --- the limits, at every entry point --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LIMITS)
async def test_a_limit_is_the_same_over_http_and_sockets(scene: Scene, name: str) -> None:
    changed, expected = LIMITS[name]
    data = {"groupId": scene.group_id, "content": "x", **changed}
    head = await scene.head()
    codes = [
        ack_code(await scene.socket.send("message", data)),
        await _request(scene, "POST", "/api/messages", json.dumps({**data, "clientId": data.get("clientId")})),
    ]
    assert codes == [expected, expected]
    # The longest clientId is the same message both times.
    assert await scene.head() - head == (0 if expected != OK else 1 if "clientId" in changed else 2)
