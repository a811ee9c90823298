"""Changing what one has set of a group for oneself."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Invalid, NotFound, Unavailable
from foundation.ids import to_wire
from foundation.limits import bucket
from groups import memberships
from groups.rows import GroupRow
from groups.sections.selectors import require_section
from users.actor import Actor
from users.events import UserUpdated
from users.updates import user_updates

from .listening import add_listener
from .own_settings import ALL, to_own_settings

# Seconds between attempts: somebody is changing the user's role, say.
_ATTEMPTS, _BACKOFF_BASE, _BACKOFF_CAP = 8, 0.01, 0.1


async def change_own_settings(
    *,
    actor: Actor,
    group_id: str,
    level: str | None = None,
    muted: bool | None = None,
    muted_until: datetime | None = None,
    favourite: bool | None = None,
    section_id: str | None = None,
) -> dict[str, Any]:
    """Change what is given of what the actor has set of a group; nobody else is told, the actor's connections are.

    `muted` is for ever, or until the time `muted_until`; an empty `section_id` takes the group out of its section.
    Returns {"groupId", "level", "muted", "mutedUntil"?, "favourite", "sectionId"?, "version"}; of two states, the later
    has the larger version. Raises `NotFound` unless the actor is a member, `Invalid` (`mutedUntil`) for a time that is
    over, (`sectionId`) for a section that the actor does not have, `RateLimited`, `Unavailable`.
    """
    bucket.draw("message", actor.user_id)
    # Before anything else: who is not in the group learns nothing, not even what is wrong with the rest.
    kind = await _require_kind(actor, group_id)
    changes: dict[str, Any] = {"level": level} if level else {}
    if muted is not None:
        changes |= {"muted": muted or None, "muted_until": _later(muted_until) if muted and muted_until else None}
    if favourite is not None:
        changes["favourite"] = favourite or None
    if section_id is not None:
        changes["section_id"] = await require_section(actor=actor, section_id=section_id) if section_id else None
    stored = to_own_settings(await _write(actor, group_id, changes), kind)
    change = {"groupId": group_id, **stored.as_wire()}
    user_updates().tell(actor.user_id, UserUpdated.GROUP_SETTINGS, change)
    return change


# What `change_own_settings` sets.
_ATTRIBUTES = ("level", "muted", "muted_until", "favourite", "section_id")
_PAGE = 100


async def erase_own_settings(user_id: str) -> None:
    """Have groups be for somebody who was removed as if they had set nothing; may be called again."""
    after: str | None = None
    while True:
        rows, after = await memberships.list_own_rows(user_id, after=after, limit=_PAGE)
        for row in rows:
            if any(getattr(row, name) for name in _ATTRIBUTES):
                with suppress(store.ConditionFailed):
                    await memberships.change_own(user_id, memberships.group_id_of(row), dict.fromkeys(_ATTRIBUTES))
        if after is None:
            return


async def _require_kind(actor: Actor, group_id: str) -> str:
    found = await memberships.find_memberships(actor.user_id, [group_id])
    if not found:
        raise NotFound
    return found[0].group.kind


def _later(moment: datetime) -> str:
    if moment <= datetime.now(UTC):
        sentence = "It is a time to come."
        raise Invalid(sentence, fields={"mutedUntil": [sentence]})
    return to_wire(moment)


async def _write(actor: Actor, group_id: str, changes: dict[str, Any]) -> GroupRow:
    for delay in backoff(_ATTEMPTS, base=_BACKOFF_BASE, cap=_BACKOFF_CAP):
        try:
            if changes.get("level") == ALL:
                await add_listener(group_id, actor.user_id)
            return await memberships.change_own(actor.user_id, group_id, changes)
        except store.ConditionFailed:
            # They have left meanwhile, or a transaction held the row.
            await _require_kind(actor, group_id)
            await asyncio.sleep(delay)
    raise Unavailable
