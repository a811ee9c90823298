"""The three entry points of a running server (HTTP, socket, page) with the same operations: one table tests all."""

# Long: the tables of all operations beside the doors that look into them.

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
# A page shows the kind of error only by its status.
_STATUS = {code: kind.status for code, kind in errors.error_classes_by_code().items()} | {OK: 302}


class EntryPoint(ABC):
    """Attempts operations for one person, or for nobody."""

    @abstractmethod
    async def attempt(self, operation: str, data: Mapping[str, Any]) -> str:
        """Return `ok` or the code of the error."""

    def matches(self, code: str, expected: str) -> bool:
        """Return whether what `attempt` returned is the expected code."""
        return code == expected

    @classmethod
    def accepts(cls, operation: str, data: Mapping[str, Any]) -> bool:
        """Return whether the entry point has the operation, and fields for this input."""
        return True


class HttpEntryPoint(EntryPoint):
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def attempt(self, operation: str, data: Mapping[str, Any]) -> str:
        return code_of(await self.request(operation, data))

    async def request(self, operation: str, data: Mapping[str, Any]) -> httpx.Response:
        method, path = _HTTP[operation]
        data = dict(data)
        names = ("messageId", "left", "linked", "linkId", "declined", "place", "scheduledId", "reminderId")
        for name in names if operation != "own_settings" else ("groupId",):
            if f"{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", data.pop(name))
        if method == "GET":
            return await self.client.get(path, params=data)
        return await self.client.request(method, path, json=data)


_HTTP = {
    "send": ("POST", "/api/messages"),
    **{name: (method, "/api/messages/{messageId}") for name, method in (("edit", "PATCH"), ("delete", "DELETE"))},
    "react": ("POST", "/api/messages/{messageId}/reactions"),
    "mark_read": ("POST", "/api/messages/read"),
    "mark_unread": ("POST", "/api/messages/{messageId}/unread"),
    "follow": ("PUT", "/api/messages/{messageId}/follow"),
    "unfollow": ("DELETE", "/api/messages/{messageId}/follow"),
    "read_inbox": ("POST", "/api/inbox/read"),
    "list": ("GET", "/api/messages"),
    "thread": ("GET", "/api/messages/{messageId}/thread"),
    "pin": ("POST", "/api/messages/{messageId}/pin"),
    "save": ("POST", "/api/messages/{messageId}/saved"),
    "history": ("GET", "/api/messages/{messageId}/history"),
    "quote": ("GET", "/api/messages/{messageId}/quote"),
    "forward": ("POST", "/api/messages/{messageId}/forward"),
    "draft": ("PUT", "/api/drafts"),
    "own_settings": ("PATCH", "/api/groups/{groupId}/me"),
    "schedule": ("POST", "/api/scheduled"),
    "change_scheduled": ("PATCH", "/api/scheduled/{scheduledId}"),
    "cancel_scheduled": ("DELETE", "/api/scheduled/{scheduledId}"),
    "remind": ("POST", "/api/reminders"),
    "cancel_reminder": ("DELETE", "/api/reminders/{reminderId}"),
    "sections": ("PUT", "/api/users/me/sections"),
    "report": ("POST", "/api/reports"),
    "notification_settings": ("PATCH", "/api/notifications/settings"),
    "why": ("GET", "/api/notifications/why"),
    "create_group": ("POST", "/api/groups"),
    "rejoin": ("POST", "/api/groups/{left}/rejoin"),
    "direct": ("POST", "/api/groups/direct"),
    "make_link": ("POST", "/api/groups/{linked}/invitation-links"),
    "revoke_link": ("DELETE", "/api/groups/{linked}/invitation-links/{linkId}"),
    "use_link": ("POST", "/api/invitation-links/use"),
    "decline": ("DELETE", "/api/users/me/invitations/{declined}"),
    "privacy": ("PATCH", "/api/users/me/privacy"),
    "preferences": ("PATCH", "/api/users/me/preferences"),
    "change_group": ("PATCH", "/api/groups/{place}"),
    "join": ("POST", "/api/groups/{place}/join"),
    "directory": ("GET", "/api/groups/directory"),
    "search": ("GET", "/api/search"),
}
# Sockets have no event for these.
_REQUESTED = (
    "direct",
    "make_link",
    "revoke_link",
    "use_link",
    "decline",
    "privacy",
    "preferences",
    "notification_settings",
    "why",
)


def code_of(response: httpx.Response) -> str:
    """Return `ok` or the code of a JSON response, which must have the status of that code."""
    if response.is_success:
        return OK
    error = response.json()["error"]
    assert {"code", "message", "retryable"} <= error.keys()
    code: str = error["code"]
    assert response.status_code == _STATUS[code], response.text
    return code


class SocketEntryPoint(EntryPoint):
    """A connected client, or none when the handshake was refused with the code `refusal`."""

    def __init__(self, client: SocketClient | None, refusal: str = "") -> None:
        self.client, self.refusal = client, refusal

    async def attempt(self, operation: str, data: Mapping[str, Any]) -> str:
        if self.client is None:
            return self.refusal
        data = dict(data)
        if operation == "thread":
            # Sockets request a thread by its group and its parent.
            data["parentId"] = data.pop("messageId")
            data["groupId"] = data["parentId"].rpartition(".")[0]
        if operation in ("follow", "unfollow"):
            data["following"] = operation == "follow"
        return ack_code(await self.client.send(_EVENTS[operation], data))

    @classmethod
    def accepts(cls, operation: str, data: Mapping[str, Any]) -> bool:
        # Sockets have no event that creates, changes or finds a group, comes back to one, or reports something.
        return operation not in (*_REQUESTED, "directory", "report") and not {"name", "left", "place"} & data.keys()


_EVENTS = {
    "send": "message",
    "edit": "edit_message",
    "delete": "delete_message",
    "react": "reaction",
    "mark_read": "thread_read",
    "mark_unread": "mark_unread",
    "follow": "thread_follow",
    "unfollow": "thread_follow",
    "read_inbox": "inbox_read",
    "pin": "pin",
    "save": "save_message",
    "history": "message_history",
    "quote": "quote",
    "forward": "forward_message",
    "draft": "draft",
    "own_settings": "group_settings",
    "schedule": "schedule_message",
    **{name: name for name in ("change_scheduled", "cancel_scheduled", "remind", "cancel_reminder")},
    "sections": "sections",
    "search": "search",
    "list": "thread_sync",
    "thread": "thread_sync",
}


def ack_code(ack: Mapping[str, Any]) -> str:
    """Return `ok` or the code of an acknowledgement."""
    if ack["ok"]:
        return OK
    code: str = ack["error"]["code"]
    return code


_FORMS = {
    "save": "/groups/{group_id}/messages/{message_id}/saved",
    "send": "/groups/{group_id}/messages",
    "own_settings": "/groups/{group_id}/me",
    "schedule": "/groups/{group_id}/planned",
    "remind": "/groups/{group_id}/messages/{message_id}/remind",
    "change_scheduled": "/planned/{scheduledId}/change",
    "cancel_scheduled": "/planned/{scheduledId}/cancel",
    "cancel_reminder": "/reminders/{reminderId}/cancel",
    "create_group": "/groups",
    "follow": "/groups/{group_id}/threads/{message_id}/follow",
    "unfollow": "/groups/{group_id}/threads/{message_id}/unfollow",
    "read_inbox": "/inbox/read",
    "mark_read": "/groups/{group_id}/read",
    "mark_unread": "/groups/{group_id}/messages/{message_id}/unread",
    "direct": "/direct",
    "make_link": "/groups/{linked}/invitations/make",
    "revoke_link": "/groups/{linked}/invitations/{linkId}/revoke",
    "use_link": "/invite",
    "decline": "/invitations/{declined}/decline",
    "privacy": "/profile/privacy",
    "preferences": "/settings",
    "notification_settings": "/notifications/save",
}


_IN_PATHS = ("linked", "linkId", "declined", "scheduledId", "reminderId")


def _place_form(operation: str, data: dict[str, Any]) -> str:
    """Return the address of the form that changes a group, or joins it."""
    settings = f"/groups/{data.pop('place')}/settings"
    if operation == "join":
        return settings.replace("settings", "join")
    if "archived" in data:
        return f"{settings}/archive"
    return settings if {"name", "topic", "description"} & data.keys() else f"{settings}/rules"


class PageEntryPoint(EntryPoint):
    """The forms of the web chat; `group_id` is the group of messages, which a form has in its URL."""

    def __init__(self, client: httpx.AsyncClient, group_id: str) -> None:
        self.client, self.group_id = client, group_id

    async def attempt(self, operation: str, data: Mapping[str, Any]) -> str:
        # A form repeats a field that has several values.
        data = {**data, **data.get("policy", {})}
        data.pop("policy", None)
        data = {name: _typed(value) for name, value in data.items()}
        message_id = data.pop("messageId", "")
        # A page has the address of a message below that of its group.
        group_id = data.pop("groupId", "") or str(message_id).rpartition(".")[0] or self.group_id
        if "userIds" in data:
            data["userId"] = data.pop("userIds")
        message_path = f"/groups/{group_id}/messages/{message_id}"
        match operation:
            case "list":
                return self._code(await self.client.get(f"/groups/{group_id}", params=data))
            case "thread":
                return self._code(await self.client.get(f"/groups/{group_id}/threads/{message_id}", params=data))
            case "quote" | "history" | "why":
                return self._code(await self.client.get(f"{message_path}/{operation}"))
            case "forward":
                path, data["groupId"] = f"/groups/{self.group_id}/messages/{message_id}/forward", group_id
            case "directory" | "search":
                return self._code(await self.client.get(f"/{operation}", params=data))
            case "change_group" | "join":
                path = _place_form(operation, data)
            case "rejoin":
                path = f"/groups/{data.pop('left')}/rejoin"
            case "mark_read" if "parentId" in data:
                path = f"/groups/{group_id}/threads/{data.pop('parentId')}/read"
            case "react":
                path = f"{message_path}/reaction/{data.pop('action')}"
            case _:
                form_path = _FORMS.get(operation, "/groups/{group_id}/messages/{message_id}/{operation}")
                named = {name: data.pop(name) for name in _IN_PATHS if name in data}
                path = form_path.format(group_id=group_id, message_id=message_id, operation=operation, **named)
        form = {**data, "csrfmiddlewaretoken": self.client.cookies["csrftoken"]}
        return self._code(await self.client.post(path, data=form))

    def _code(self, response: httpx.Response) -> str:
        if "/sign-in" in response.headers.get("Location", ""):
            return errors.Unauthenticated.code
        return "302" if response.status_code == 200 else str(response.status_code)

    def matches(self, code: str, expected: str) -> bool:
        return code in (expected, str(_STATUS[expected]))

    @classmethod
    def accepts(cls, operation: str, data: Mapping[str, Any]) -> bool:
        # A page has a fixed size, and a button for each action; its script alone writes drafts, and its forms change
        # one section at a time.
        if operation in ("draft", "sections") or data.get("action") == "toggle":
            return False
        return not {"limit", "memberIds"} & data.keys()


def _typed(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, list) else str(value)


@asynccontextmanager
async def http_entry_point(url: str, person: Person | None) -> AsyncIterator[HttpEntryPoint]:
    async with http_client(url, person) as client:
        yield HttpEntryPoint(client)


def http_client(url: str, person: Person | None) -> httpx.AsyncClient:
    # Shorter than the server keeps an idle connection: one that both end at the same moment would fail a request.
    limits = httpx.Limits(keepalive_expiry=1)
    return httpx.AsyncClient(base_url=url, headers=person.headers if person else {}, timeout=60, limits=limits)


@asynccontextmanager
async def socket_entry_point(url: str, person: Person | None) -> AsyncIterator[SocketEntryPoint]:
    if person is None:
        yield SocketEntryPoint(None, await refusal_of(url, person))
        return
    async with connected(url, person) as client:
        yield SocketEntryPoint(client)


async def refusal_of(url: str, person: Person | None, **auth: Any) -> str:
    """Return the code that a handshake is refused with."""
    client = SocketClient()
    reasons: list[Any] = []
    client.client.on("connect_error", reasons.append)
    try:
        await client.open(url, person, **auth)
    except Refused:
        (reason,) = reasons
        code: str = reason["data"]["code"]
        return code
    finally:
        await client.client.disconnect()
    raise AssertionError("the handshake was not refused")


@asynccontextmanager
async def page_entry_point(url: str, person: Person | None, group_id: str) -> AsyncIterator[PageEntryPoint]:
    cookies = {"__session": person.token} if person else {}
    async with httpx.AsyncClient(base_url=url, cookies=cookies, timeout=60) as client:
        # Any page with a form sets the CSRF cookie.
        response = await client.get("/?list" if person else "/sign-in")
        assert response.status_code == 200, response.text
        yield PageEntryPoint(client, group_id)


async def read_page(url: str, person: Person, group_id: str) -> str:
    """Return the status of a group's page, which needs all engines."""
    async with httpx.AsyncClient(base_url=url, cookies={"__session": person.token}, timeout=60) as client:
        return str((await client.get(f"/groups/{group_id}")).status_code)
