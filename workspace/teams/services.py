"""The actions on teams: each checks, writes, notes it in the audit, and tells those whom it concerns.

Each raises `Unavailable` while DynamoDB is down, or when others have changed the same team all the while.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Invalid, NotFound, Unavailable
from foundation.tasks import to_completion
from users import handles
from users import selectors as users
from users.actor import Actor
from users.events import UserUpdated
from users.updates import user_updates
from workspace import audit

from . import models
from .access import require_maker, require_manager, require_team
from .models import MAX_PEOPLE, MEMBER, People, Team

# Who loses a race reads again and decides again: so often, for two seconds at most.
_ATTEMPTS, _BASE, _CAP = 10, 0.02, 0.4
# Decides by a team as it is what it becomes; None: nothing is to be written.
_Decide = Callable[[Team, People], tuple[Team, People] | None]
# What is noted of an act besides the team, by its people before and after.
_Noted = Callable[[People, People], dict[str, Any]]


@to_completion
async def create_team(
    *, actor: Actor, name: str, handle: str, description: str = "", member_ids: Sequence[str] = ()
) -> Team:
    """Make a team of these people, of whom none manages it yet, and return it.

    Raises `Forbidden` unless the actor administers the workspace, `Invalid` (`handle`) for one that is no handle or
    somebody else's, (`memberIds`) for users that do not exist.
    """
    require_maker(actor)
    handle = handles.require_handle(handle)
    people = People().with_role(await _require_users(actor, member_ids, "memberIds"), MEMBER)
    team = models.new_team(handle=handle, name=name, description=description)
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        await handles.require_free(handle, team.id)
        try:
            created = await models.put(team, people)
        except store.ConditionFailed:
            # The response to our own write may have been lost, and the write repeated.
            found = await models.find_team(team.id)
            if found is None:
                await asyncio.sleep(delay)
                continue
            created = found[0]
        await audit.record("team.create", by=actor, team=team.id, users=sorted(people.members))
        _tell(created, People(), people)
        return created
    raise Unavailable


async def change_team(
    *,
    actor: Actor,
    team_id: str,
    name: str | None = None,
    handle: str | None = None,
    description: str | None = None,
) -> Team:
    """Change what is given of a team, and return it.

    Raises `NotFound`, `Forbidden` unless the actor manages the team or the workspace, `Invalid` (`handle`).
    """
    handle = None if handle is None else handles.require_handle(handle)

    def decide(team: Team, people: People) -> tuple[Team, People] | None:
        changed = replace(
            team,
            name=team.name if name is None else name,
            handle=handle or team.handle,
            description=team.description if description is None else description,
        )
        return None if changed == team else (changed, people)

    team, _, _ = await _change(actor, team_id, decide, "team.change")
    return team


@to_completion
async def delete_team(*, actor: Actor, team_id: str) -> None:
    """Delete a team; who was in it stays in all groups. Raises `NotFound`, `Forbidden` as `create_team`."""
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        team, people = await require_team(actor=actor, team_id=team_id)
        require_maker(actor)
        try:
            await models.delete(team)
        except store.ConditionFailed:
            await asyncio.sleep(delay)
            continue
        await audit.record("team.delete", by=actor, team=team_id)
        _tell(team, people, People())
        return
    raise Unavailable


async def add_people(*, actor: Actor, team_id: str, user_ids: Sequence[str]) -> list[str]:
    """Put people into a team, and return the ids of those who are new, sorted; the others keep their role.

    Raises `NotFound`, `Forbidden` as `change_team`, `Invalid` (`userIds`) for users that do not exist, and when the
    team would have more than MAX_PEOPLE.
    """
    await _require_managed(actor, team_id)
    ids = await _require_users(actor, user_ids, "userIds")

    def decide(team: Team, people: People) -> tuple[Team, People] | None:
        new_ids = ids - people.members
        if len(people.members) + len(new_ids) > MAX_PEOPLE:
            sentence = f"A team has {MAX_PEOPLE:,} people at most."
            raise Invalid(sentence, fields={"userIds": [sentence]})
        return (team, people.with_role(new_ids, MEMBER)) if new_ids else None

    def noted(before: People, after: People) -> dict[str, Any]:
        return {"users": sorted(after.members - before.members)}

    _, before, after = await _change(actor, team_id, decide, "team.add", noted)
    return sorted(after.members - before.members)


async def remove_person(*, actor: Actor, team_id: str, user_id: str) -> None:
    """Take somebody out of a team. Everybody may go by themselves.

    Raises `NotFound` unless they are in it, `Forbidden` as `change_team`.
    """

    def decide(team: Team, people: People) -> tuple[Team, People] | None:
        _require_in(people, user_id)
        return team, people.with_role([user_id], None)

    by_themselves = user_id == actor.user_id
    await _change(actor, team_id, decide, "team.remove", lambda *_: {"user": user_id}, by_themselves=by_themselves)


async def change_role(*, actor: Actor, team_id: str, user_id: str, role: str) -> None:
    """Have somebody in a team manage it, or no longer; `role` is one of ROLES. Raises as `remove_person`."""

    def decide(team: Team, people: People) -> tuple[Team, People] | None:
        _require_in(people, user_id)
        return None if people.role_of(user_id) == role else (team, people.with_role([user_id], role))

    await _change(actor, team_id, decide, "team.role", lambda *_: {"user": user_id, "role": role})


# --- what they share -------------------------------------------------------------------------------------------------
async def _require_managed(actor: Actor, team_id: str) -> None:
    _, people = await require_team(actor=actor, team_id=team_id)
    require_manager(actor, people)


@to_completion
async def _change(
    actor: Actor,
    team_id: str,
    decide: _Decide,
    act: str,
    noted: _Noted = lambda before, after: {},
    *,
    by_themselves: bool = False,
) -> tuple[Team, People, People]:
    """Write what `decide` returns; return the team as it is then, and its people before and after."""
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        before, people = await require_team(actor=actor, team_id=team_id)
        if not by_themselves or people.role_of(actor.user_id) is None:
            require_manager(actor, people)
        decided = decide(before, people)
        if decided is None:
            return before, people, people
        team, changed = decided
        if handles.key_of(team.handle) != handles.key_of(before.handle):
            await handles.require_free(team.handle, team_id)
        try:
            written = await models.put(team, changed, before=before)
        except store.ConditionFailed:
            await asyncio.sleep(delay)
            continue
        await _free_former(before, written)
        await audit.record(act, by=actor, team=team_id, **noted(people, changed))
        _tell(written, people, changed)
        return written, people, changed
    raise Unavailable


async def _free_former(before: Team, written: Team) -> None:
    """Free the handle that the team had before the one that it has just given up."""
    kept = (written.former_handle, handles.key_of(written.handle))
    if before.former_handle and before.former_handle not in kept:
        await handles.free(before.former_handle, before.id)


async def _require_users(actor: Actor, user_ids: Iterable[str], field: str) -> set[str]:
    ids = set(user_ids)
    found = await users.get_seen_users(actor=actor, user_ids=ids)
    missing = sorted(user_id for user_id in ids if user_id not in found or not found[user_id].is_active)
    if missing:
        raise Invalid(
            "Some users do not exist.", fields={field: [f"There is no user {user_id}." for user_id in missing[:10]]}
        )
    return ids


def _require_in(people: People, user_id: str) -> None:
    if people.role_of(user_id) is None:
        raise NotFound("That user is not in the team.")


def _tell(team: Team, before: People, after: People) -> None:
    """Tell those who are in the team now, or no longer, or in another role."""
    for user_id in before.members | after.members:
        role = after.role_of(user_id)
        if role != before.role_of(user_id):
            user_updates().tell(user_id, UserUpdated.TEAM, {"teamId": team.id, "handle": team.handle, "role": role})
