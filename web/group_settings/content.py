"""What the page of a group's settings shows: all to every member, and fields to those who may change them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from foundation.errors import AppError, NotFound
from groups import selectors as groups
from groups.access import is_manager, may
from groups.policy import INVITE, MENTION_ALL, PIN, POST, RENAME
from users.actor import Actor
from web.shell import problem_of

_WORDS = {"everyone": _("Everybody in the group"), "managers": _("The owner and admins"), "owner": _("The owner alone")}
# By the name of the API: what is decided, and who may be let do it.
_ACTS = {
    "post": (_("Write messages"), POST),
    "invite": (_("Add people"), INVITE),
    "rename": (_("Change the name, topic and description"), RENAME),
    "pin": (_("Pin messages"), PIN),
    "mentionAll": (_("Name everybody (@all, @here)"), MENTION_ALL),
}


async def settings_context(
    actor: Actor, group_id: str, typed: dict[str, str] | None = None, problem: AppError | None = None
) -> dict[str, Any]:
    """Return the context of the page, with what was typed in place of what is stored; raises `NotFound`."""
    summary = next(iter(await groups.list_summaries(actor=actor, group_ids=[group_id])), None)
    if summary is None or summary.group is None:
        raise NotFound
    # A direct conversation is named after the other person.
    group, role = replace(summary.group, name=summary.name), summary.role
    stored = {"name": group.name, "topic": group.topic, "description": group.description}
    # It offers what will probably be permitted; the services decide.
    is_open = group.archived_at is None and group.kind != "direct"
    manages = is_manager(role) and group.kind != "direct"
    return {
        "group": group,
        "stored": stored,
        "values": stored | (typed or {}),
        "may_rename": is_open and may(group.policy, RENAME, role),
        "manages": manages,
        "owns": role == "owner" and group.kind != "direct",
        "may_change": is_open and manages,
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
