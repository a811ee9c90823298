"""The three doors of a running server, each with the same operations, so that one table can be run through all."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from socketio.exceptions import ConnectionError as Refused

from foundation import errors

from .cast import Person
from .socket_client import SocketClient, connected

OK = "ok"
# A page says what went wrong by its status.
_STATUS = {kind.code: kind.status for kind in errors.ChatError.__subclasses__()} | {OK: 302, "invalid": 400}


class Door(ABC):
    """Tries an operation for one person (or nobody) and returns `ok` or the code of the refusal."""

    @abstractmethod
    async def attempt(self, operation: str, given: Mapping[str, Any]) -> str: ...

    def says(self, answer: str, expected: str) -> bool:
        return answer == expected

    @classmethod
    def has(cls, given: Mapping[str, Any]) -> bool:
        """Say whether the door has a place for this input."""
        return True


class HttpDoor(Door):
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def attempt(self, operation: str, given: Mapping[str, Any]) -> str:
        return code_of(await self.ask(operation, given))

    async def ask(self, operation: str, given: Mapping[str, Any]) -> httpx.Response:
        method, path = _HTTP[operation]
        data = dict(given)
        if "{messageId}" in path:
            path = path.format(messageId=data.pop("messageId"))
        if method == "GET":
            return await self.client.get(path, params=data)
        return await self.client.request(method, path, json=data)


_HTTP = {
    "send": ("POST", "/api/messages"),
    "edit": ("PATCH", "/api/messages/{messageId}"),
    "delete": ("DELETE", "/api/messages/{messageId}"),
    "react": ("POST", "/api/messages/{messageId}/reactions"),
    "mark_read": ("POST", "/api/messages/read"),
    "list": ("GET", "/api/messages"),
    "thread": ("GET", "/api/messages/{messageId}/thread"),
}


def code_of(response: httpx.Response) -> str:
    """Return `ok` or the code of a JSON answer, which must carry the status that goes with it."""
    if response.is_success:
        return OK
    error = response.json()["error"]
    assert {"code", "message", "retryable"} <= error.keys()
    code: str = error["code"]
    assert response.status_code in (_STATUS[code], 405, 415), response.text
    return code


class SocketDoor(Door):
    """A connected client, or none when the handshake was refused with `refusal`."""

    def __init__(self, client: SocketClient | None, refusal: str = "") -> None:
        self.client, self.refusal = client, refusal

    async def attempt(self, operation: str, given: Mapping[str, Any]) -> str:
        if self.client is None:
            return self.refusal
        data = dict(given)
        if operation == "thread":
            # On a socket a thread is asked for as a part of its group.
            data["parentId"] = data.pop("messageId")
            data["groupId"] = data["parentId"].rpartition(".")[0]
        return answer_code(await self.client.send(_EVENTS[operation], data))

    @classmethod
    def has(cls, given: Mapping[str, Any]) -> bool:
        return "before" not in given


_EVENTS = {
    "send": "message",
    "edit": "edit_message",
    "delete": "delete_message",
    "react": "reaction",
    "mark_read": "thread_read",
    "list": "thread_sync",
    "thread": "thread_sync",
}


def answer_code(answer: Mapping[str, Any]) -> str:
    """Return `ok` or the code of an acknowledgement."""
    if answer["ok"]:
        return OK
    code: str = answer["error"]["code"]
    return code


class PageDoor(Door):
    """A browser's forms; the group in a form's address stands for the message's own."""

    def __init__(self, client: httpx.AsyncClient, group_id: str) -> None:
        self.client, self.group_id = client, group_id

    async def attempt(self, operation: str, given: Mapping[str, Any]) -> str:
        data = {name: str(value) for name, value in given.items()}
        group_id, message_id = data.pop("groupId", self.group_id), data.pop("messageId", "")
        message_path = f"/groups/{group_id}/messages/{message_id}"
        match operation:
            case "list":
                return self._seen(await self.client.get(f"/groups/{group_id}", params=data))
            case "thread":
                return self._seen(await self.client.get(f"/groups/{group_id}/threads/{message_id}", params=data))
            case "send":
                path = f"/groups/{group_id}/messages"
            case "mark_read":
                path = f"/groups/{group_id}/read"
            case "react":
                path = f"{message_path}/reaction/{data.pop('action')}"
            case _:
                path = f"{message_path}/{operation}"
        form = {**data, "csrfmiddlewaretoken": self.client.cookies["csrftoken"]}
        return self._seen(await self.client.post(path, data=form))

    def _seen(self, response: httpx.Response) -> str:
        if "/sign-in" in response.headers.get("Location", ""):
            return errors.Unauthenticated.code
        return "302" if response.status_code == 200 else str(response.status_code)

    def says(self, answer: str, expected: str) -> bool:
        return answer in (expected, str(_STATUS[expected]))

    @classmethod
    def has(cls, given: Mapping[str, Any]) -> bool:
        # A page has a size of its own, sends its files along, and has a button for each action.
        return not given.keys() & {"limit", "attachments"} and given.get("action") != "toggle"


@asynccontextmanager
async def http_door(url: str, who: Person | None) -> AsyncIterator[HttpDoor]:
    async with http_client(url, who) as client:
        yield HttpDoor(client)


def http_client(url: str, who: Person | None) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers=who.headers if who else {}, timeout=30)


@asynccontextmanager
async def socket_door(url: str, who: Person | None) -> AsyncIterator[SocketDoor]:
    if who is None:
        yield SocketDoor(None, await refusal_of(url, who))
        return
    async with connected(url, who) as client:
        yield SocketDoor(client)


async def refusal_of(url: str, who: Person | None, **auth: Any) -> str:
    """Return the code that a handshake is refused with."""
    client = SocketClient()
    reasons: list[Any] = []
    client.client.on("connect_error", reasons.append)
    try:
        await client.open(url, who, **auth)
    except Refused:
        (reason,) = reasons
        code: str = reason["data"]["code"]
        return code
    finally:
        await client.client.disconnect()
    raise AssertionError("the handshake was not refused")


@asynccontextmanager
async def page_door(url: str, who: Person | None, group_id: str) -> AsyncIterator[PageDoor]:
    cookies = {"__session": who.token} if who else {}
    async with httpx.AsyncClient(base_url=url, cookies=cookies, timeout=30) as client:
        # Any page with a form brings the CSRF cookie.
        response = await client.get("/?list" if who else "/sign-in")
        assert response.status_code == 200, response.text
        yield PageDoor(client, group_id)
