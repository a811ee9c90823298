"""What a query means for who asks: the people, teams, groups and days that it names, as criteria."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from foundation.folding import fold_text
from groups import selectors as groups
from groups.blocking.selectors import blocked_ids
from messaging.saved.selectors import list_saved_ids
from users import selectors as users
from users.actor import Actor
from users.time_zones import is_time_zone
from workspace.teams import selectors as teams
from workspace.teams.ids import is_team_id

from .criteria import Criteria, Trait
from .documents import first_place
from .query import DATES, Part, invalid

# Of so many people, or teams, who are called so the messages are found; so much of a name is looked at.
_MAX_NAMED, _MAX_NAME = 20, 64


async def resolve(actor: Actor, parts: Iterable[Part]) -> Criteria:
    """Return what a query means for the actor; raises `Invalid` for somebody or something that is not there."""
    group_ids, blocked = await asyncio.gather(groups.list_group_ids(user_id=actor.user_id), blocked_ids(actor=actor))
    criteria = Criteria(sorted(group_ids), no_traits={("from", user_id) for user_id in blocked})
    for part in parts:
        if part.operator is None:
            (criteria.no_texts if part.excluded else criteria.texts).append(part.value)
        elif part.operator == "in":
            await _narrow_groups(criteria, actor, part)
        elif part.operator in DATES:
            await _narrow_time(criteria, actor, part)
        elif (part.operator, part.value) == ("is", "saved"):
            saved = frozenset(await list_saved_ids(actor=actor))
            if part.excluded:
                criteria.no_ids |= saved
            else:
                criteria.ids = saved
        else:
            traits = await _traits(actor, part)
            if part.excluded:
                criteria.no_traits |= traits
            else:
                criteria.traits.append(traits)
    return criteria


async def _traits(actor: Actor, part: Part) -> frozenset[Trait]:
    operator, typed = part.operator or "", part.value
    if operator in ("has", "is"):
        return frozenset({(operator, typed)})
    if operator == "mentions" and typed.lower() in ("all", "here"):
        return frozenset({(operator, f"!{typed.lower()}")})
    named = {actor.user_id} if typed.lower() == "me" else await _people(actor, typed)
    if operator == "mentions":
        named |= {f"!{team_id}" for team_id in await _teams(actor, typed)}
    if not named:
        raise invalid("There is nobody who is called so.")
    return frozenset((operator, each) for each in named)


async def _people(actor: Actor, typed: str) -> set[str]:
    """Return the ids of those whom a name, a handle or an id means: those whom the actor may see."""
    if found := await users.get_seen_users(actor=actor, user_ids=[typed]):
        return set(found)
    page = await users.find_users(actor=actor, query=typed[:_MAX_NAME], limit=_MAX_NAMED + 1)
    return _if_few({user.id for user in page.users}, "people")


async def _teams(actor: Actor, typed: str) -> set[str]:
    """Return the ids of the teams that a name, a handle or an id means: those that the actor may see."""
    if typed.lower() == "me":
        return set()
    if is_team_id(typed):
        return await teams.seen_teams(actor=actor, team_ids=[typed])
    found = await teams.find_teams_for(actor=actor, query=typed[:_MAX_NAME], limit=_MAX_NAMED + 1)
    return _if_few({team.id for team in found}, "teams")


def _if_few(ids: set[str], what: str) -> set[str]:
    if len(ids) > _MAX_NAMED:
        raise invalid(f"Many {what} are called so: give more of the name, or a handle.")
    return ids


async def _narrow_groups(criteria: Criteria, actor: Actor, part: Part) -> None:
    own, wanted = criteria.group_ids, fold_text(part.value.removeprefix("#"))
    if part.value in own:
        found = {part.value}
    else:
        names = await groups.list_names(actor=actor, group_ids=own)
        folded = {group_id: fold_text(group["name"]) for group_id, group in names.items()}
        found = {group_id for group_id, name in folded.items() if name == wanted}
        found = found or {group_id for group_id, name in folded.items() if wanted in name}
    if not found:
        raise invalid("You are in no group that is called so.")
    criteria.group_ids = [group_id for group_id in own if (group_id in found) != part.excluded]


async def _narrow_time(criteria: Criteria, actor: Actor, part: Part) -> None:
    """Narrow the time to days as they are where the actor says that they live.

    What is not `before` a day begins with it, what is not `after` one ends with it, and `on` leaves a gap.
    """
    zone = await _zone_of(actor)
    day = date.fromisoformat(part.value)
    if day.year >= 9999:
        raise invalid("That day is too far away.")
    begin, end = (_place(each, zone) for each in (day, day + timedelta(days=1)))
    match part.operator, part.excluded:
        case "on", True:
            criteria.gaps.append((begin, end))
        case "on", False:
            criteria.first, criteria.below = max(criteria.first, begin), min(criteria.below, end)
        case ("after", False) | ("before", True):
            criteria.first = max(criteria.first, end if part.operator == "after" else begin)
        case _:
            criteria.below = min(criteria.below, begin if part.operator == "before" else end)


async def _zone_of(actor: Actor) -> tzinfo:
    """Return the zone of a profile; UTC without one, or where this system knows none that is called so any more."""
    name = (await users.get_user(user_id=actor.user_id)).time_zone
    return ZoneInfo(name) if name and is_time_zone(name) else UTC


def _place(day: date, zone: tzinfo) -> int:
    return 0 if day.year < 1970 else first_place(datetime.combine(day, time(), zone))
