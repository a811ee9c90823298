"""The column beside a conversation: a thread, the members, or the choice of a reaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from foundation.errors import NotFound
from groups import selectors as groups
from groups.selectors import GroupSummary
from messaging import selectors
from users.actor import Actor

from . import content as page_content
from .content import Reader

# A list that a person reads; the rest is counted.
MEMBERS_SHOWN = 200
REPLIES_SHOWN = 100
MANAGERS = ("owner", "admin")

Panel = Callable[[Reader], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Needs:
    """Whose names the panel will ask for: those of these messages and of these users."""

    messages: list[Mapping[str, Any]] = field(default_factory=list)
    user_ids: set[str] = field(default_factory=set)


async def load(
    actor: Actor, group: GroupSummary, kind: str, message_id: str, before: int | None
) -> tuple[Panel, Needs]:
    """Return the panel, to be shown once the names are known, and whose names it needs."""
    if kind == "members":
        return await _members(actor, group)
    if kind == "thread":
        return await _thread(actor, group, message_id, before)
    if kind == "react":
        return await _reaction(actor, group, message_id)
    return lambda reader: None, Needs()


async def _members(actor: Actor, group: GroupSummary) -> tuple[Panel, Needs]:
    found = await groups.list_members(actor=actor, group_id=group.id)
    order = {"owner": 0, "admin": 1}
    found.sort(key=lambda member: (order.get(member.role, 2), member.user_id != actor.user_id))
    listed = found[:MEMBERS_SHOWN]
    manages = group.kind != "direct" and group.role in MANAGERS

    def panel(reader: Reader) -> dict[str, Any]:
        rows = [_member_row(group, reader, member.user_id, member.role) for member in listed]
        rows.sort(key=lambda row: (order.get(row["role"], 2), row["name"].casefold()))
        return {
            "key": "members",
            "title": "Members" if group.kind != "direct" else "Details",
            "template": "web/_members.html",
            "members": rows,
            "hidden_members": len(found) - len(listed),
            "may_manage": manages,
        }

    return panel, Needs(user_ids={member.user_id for member in listed})


def _member_row(group: GroupSummary, reader: Reader, user_id: str, role: str) -> dict[str, Any]:
    """What is offered here is a courtesy: who may do what is the services' rule."""
    other = user_id != reader.actor.user_id and group.kind != "direct"
    lower = (group.role == "owner" and role != "owner") or (group.role == "admin" and role == "member")
    return {
        "user_id": user_id,
        "name": reader.name(user_id),
        "role": role,
        "removable": other and lower,
        "roles": ["member", "admin", "owner"] if other and group.role == "owner" else [],
    }


async def _reaction(actor: Actor, group: GroupSummary, message_id: str) -> tuple[Panel, Needs]:
    root = await selectors.get_message(actor=actor, message_id=message_id)
    _require_of(group, root)
    return lambda reader: {
        "key": f"react:{message_id}",
        "title": "React",
        "template": "web/_react.html",
        "root": page_content.show(root, reader),
    }, Needs([root])


async def _thread(actor: Actor, group: GroupSummary, message_id: str, before: int | None) -> tuple[Panel, Needs]:
    thread = await selectors.list_thread(actor=actor, message_id=message_id, before=before, limit=REPLIES_SHOWN)
    root, replies = thread["root"], thread["messages"]
    _require_of(group, root)

    def panel(reader: Reader) -> dict[str, Any]:
        shown_root = page_content.show(root, reader)
        return {
            "key": f"thread:{message_id}",
            "title": "Thread",
            "template": "web/_thread.html",
            "root": shown_root,
            "items": page_content.show_log(replies, reader, root=shown_root),
            "older": before is not None,
            "first": replies[0]["seq"] if thread["hasMore"] else None,
        }

    return panel, Needs([root, *replies])


def _require_of(group: GroupSummary, message: Mapping[str, Any]) -> None:
    """The address names both: a message of another group, though one's own too, is not found under this one."""
    if message["groupId"] != group.id:
        raise NotFound
