"""Turns log entries about the group and its members into changes: the same whether live or read back."""

from collections.abc import Mapping

import orjson

from groups.log.entry import Entry
from realtime.hub.change import Change

from .events import GroupChanged, MembersChanged
from .models import Group


def members_change(entry: Entry, names: Mapping[str, str]) -> Change:
    """Return the change of a `member` entry; `names` maps user ids to display names.

    Users who left get `leave_data`, which names only the users who left.
    """
    roles: dict[str, str | None] = entry.roles or {}
    left = tuple(user_id for user_id, role in roles.items() if role is None)
    event = _members_event(entry, roles, names)
    leave_data = orjson.dumps(_members_event(entry, dict.fromkeys(left), names).data()) if left else b""
    return Change.of(
        event,
        **entry_position(entry),
        joined=tuple(user_id for user_id, role in roles.items() if role is not None),
        left=left,
        leave_data=leave_data,
    )


def _members_event(entry: Entry, roles: Mapping[str, str | None], names: Mapping[str, str]) -> MembersChanged:
    return MembersChanged.of(
        group_id=entry.group_id, seq=int(entry.seq), user_id=entry.user_id, roles=roles, names=names
    )


def group_change(entry: Entry, group: Group) -> Change:
    """Return the change of a `group` entry; `group` is the group's current state."""
    event = GroupChanged(int(entry.seq), entry.user_id, group)
    return Change.of(event, **entry_position(entry))


def entry_position(entry: Entry) -> dict[str, int]:
    """Return the fields of a change that say where its entry lies."""
    # As `Entry.position`, which is one object more for each message.
    value = entry.attribute_values
    counts = {"message_count": int(value["message_count"]), "all_count": int(value.get("all_count") or 0)}
    return {"seq": int(value["seq"]), **counts}
