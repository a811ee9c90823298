"""A panel, the column beside a conversation: a feature's `content` loads it, `page` shows it."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from foundation.errors import NotFound
from groups.summary import GroupSummary
from users.actor import Actor

from .conversation.content import Viewer


@dataclass(frozen=True, slots=True)
class Panel:
    """A loaded panel. `context` makes the template's context once the names are known.

    The names it needs are those of `user_ids` and of all users in `messages`.
    """

    context: Callable[[Viewer], dict[str, Any]]
    messages: list[dict[str, Any]] = field(default_factory=list)
    user_ids: set[str] = field(default_factory=set)


PanelLoader = Callable[[Actor, GroupSummary], Coroutine[Any, Any, Panel]]


def require_in_group(message: Mapping[str, Any], group: GroupSummary) -> None:
    """Raise `NotFound` for a message of another group: an address names its group and its message."""
    if message["groupId"] != group.id:
        raise NotFound
