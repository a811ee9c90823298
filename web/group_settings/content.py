"""What the page of a group's settings shows: all to every member, and fields to those who may change them."""

from datetime import datetime
from typing import Any

from foundation.errors import AppError
from groups import selectors as groups
from groups.access import is_manager, may
from groups.policy import INVITE, MENTION_ALL, PIN, POST, RENAME
from users.actor import Actor
from web.shell import problem_of

_WORDS = {"everyone": "Everybody in the group", "managers": "The owner and admins", "owner": "The owner alone"}
# By the name of the API: what is decided, and who may be let do it.
_ACTS = {
    "post": ("Write messages", POST),
    "invite": ("Add people", INVITE),
    "rename": ("Change the name, topic and description", RENAME),
    "pin": ("Pin messages", PIN),
    "mentionAll": ("Name everybody (@all, @here)", MENTION_ALL),
}


async def settings_context(
    actor: Actor, group_id: str, typed: dict[str, str] | None = None, problem: AppError | None = None
) -> dict[str, Any]:
    """Return the context of the page, with what was typed in place of what is stored; raises `NotFound`."""
    detail = await groups.get_group_detail(actor=actor, group_id=group_id)
    group = await groups.get_group(actor=actor, group_id=group_id)
    role, is_archived = detail["role"], group.archived_at is not None
    manages = is_manager(role)
    return {
        "group": group,
        "detail": detail,
        "stored": {"name": group.name, "topic": group.topic, "description": group.description},
        "values": {"name": group.name, "topic": group.topic, "description": group.description, **(typed or {})},
        "may_rename": may(group.policy, RENAME, role) and not is_archived and group.kind != "direct",
        "manages": manages and group.kind != "direct",
        "may_change": manages and not is_archived and group.kind != "direct",
        "archived_at": datetime.fromisoformat(group.archived_at) if group.archived_at else None,
        "acts": [_act(name, group.policy.as_wire()[name], role) for name in _ACTS],
        "problem": problem_of(problem),
    }


def _act(name: str, chosen: str, role: str) -> dict[str, Any]:
    choices = [who for who in _WORDS if who != "owner" or (name == "post" and (role == "owner" or chosen == "owner"))]
    return {
        "name": name,
        "what": _ACTS[name][0],
        "chosen": chosen,
        "words": _WORDS[chosen],
        "choices": [(who, _WORDS[who]) for who in choices],
    }
