"""A panel, the column beside a conversation: a feature's `content` loads it, `page` shows it."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from foundation.errors import NotFound
from groups.summary import GroupSummary
from messaging import selectors
from users.actor import Actor

from .conversation.content import Viewer, message_context


@dataclass(frozen=True, slots=True)
class Panel:
    """A loaded panel. `context` makes the template's context once the names are known.

    The names it needs are those of `user_ids` and of all users in `messages`.
    """

    context: Callable[[Viewer], dict[str, Any]]
    messages: list[dict[str, Any]] = field(default_factory=list)
    user_ids: set[str] = field(default_factory=set)


PanelLoader = Callable[[Actor, GroupSummary], Coroutine[Any, Any, Panel]]


def message_panel(message_id: str, *, kind: str, title: Promise, template: str) -> PanelLoader:
    """Return the loader of a panel about a message, which its template has as `root`.

    The loader raises `NotFound` unless the message is in the group.
    """

    async def load(actor: Actor, group: GroupSummary) -> Panel:
        message = await selectors.get_message(actor=actor, message_id=message_id)
        require_in_group(message, group.id)

        def context(viewer: Viewer) -> dict[str, Any]:
            root = message_context(message, viewer)
            return {"key": f"{kind}:{message_id}", "title": title, "template": template, "root": root}

        return Panel(context, [message])

    return load


def require_in_group(message: Mapping[str, Any], group_id: str) -> None:
    """Raise `NotFound` for a message of another group: an address names its group and its message."""
    if message["groupId"] != group_id:
        raise NotFound
