"""Two ways in which a person acts: in this process, or at a server that is another one."""

from collections.abc import Callable, Coroutine, Mapping
from contextvars import ContextVar
from typing import Any

import httpx

from groups import services as groups
from messaging import services
from messaging.drafts import services as drafts
from messaging.inbox import services as inbox
from messaging.threads.services import set_following
from messaging.unread import mark_unread
from tests.cast import Person

_here: ContextVar[bool] = ContextVar("here", default=True)

# What one does, by its name: the service with its arguments, and the request.
_SERVICES: Mapping[str, Callable[..., Any]] = {
    "send": services.send_message,
    "edit": services.edit_message,
    "delete": services.delete_message,
    "react": services.react,
    "leave": groups.leave_group,
    "rejoin": groups.rejoin_group,
    "follow": lambda **data: set_following(following=True, **data),
    "unfollow": lambda **data: set_following(following=False, **data),
    "mark read": services.mark_read,
    "mark unread": mark_unread,
    "read items": inbox.read_items,
    "draft": drafts.write_draft,
}
_REQUESTS: Mapping[str, tuple[str, str]] = {
    "send": ("POST", "/api/messages"),
    "edit": ("PATCH", "/api/messages/{message_id}"),
    "delete": ("DELETE", "/api/messages/{message_id}"),
    "react": ("POST", "/api/messages/{message_id}/reactions"),
    "leave": ("POST", "/api/groups/{group_id}/leave"),
    "rejoin": ("POST", "/api/groups/{group_id}/rejoin"),
    "follow": ("PUT", "/api/messages/{message_id}/follow"),
    "unfollow": ("DELETE", "/api/messages/{message_id}/follow"),
    "mark read": ("POST", "/api/messages/read"),
    "mark unread": ("POST", "/api/messages/{message_id}/unread"),
    "read items": ("POST", "/api/inbox/read"),
    "draft": ("PUT", "/api/drafts"),
}


class Doors:
    """Does what somebody does, in this process or `elsewhere`."""

    def __init__(self, elsewhere: httpx.AsyncClient | None = None) -> None:
        self.elsewhere = elsewhere

    @property
    def here(self) -> bool:
        """Whether it is done in this process."""
        return _here.get() or self.elsewhere is None

    async def through(self, here: bool, doing: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Do something in this process or elsewhere; to be called in a task of its own."""
        _here.set(here)
        return await doing()

    async def act(self, who: Person, what: str, **data: Any) -> Any:
        """Return the answer; fails if it is an error."""
        if self.elsewhere is None or _here.get():
            return await _SERVICES[what](actor=who.actor, **data)
        method, path = _REQUESTS[what]
        fields = {_camel_case(name): value for name, value in data.items() if f"{{{name}}}" not in path}
        response = await self.elsewhere.request(method, path.format_map(data), json=fields, headers=who.headers)
        assert response.is_success, (what, data, response.text)
        return response.json() if response.content else None


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))
