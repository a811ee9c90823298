"""What a query means for who asks: in which groups, between which times, and what a message must have, or not."""

import asyncio
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from foundation.folding import fold_text
from groups import selectors as groups
from groups.blocking.selectors import blocked_ids
from messaging.models import Message
from messaging.saved.selectors import list_saved_ids
from users import selectors as users
from users.actor import Actor

from .documents import PAST_END, first_place, traits_of
from .keys import LONG, mark, pairs_of
from .query import DATES, Part, invalid

# Of so many people who are called so the messages are found.
_MAX_NAMED = 20
# So many pairs of the texts leave hardly more candidates than all of them.
_MAX_PAIRS = 24

# What operators find of a message: (operator, value).
Trait = tuple[str, str]


@dataclass
class Criteria:
    """A query of one caller. Of each of `traits` a message has one at least, of `no_traits` none.

    `first` and `below` are the places between which it is; with `ids` it is one of these.
    """

    group_ids: list[str]
    texts: list[str] = field(default_factory=list)
    no_texts: list[str] = field(default_factory=list)
    traits: list[frozenset[Trait]] = field(default_factory=list)
    no_traits: set[Trait] = field(default_factory=set)
    ids: frozenset[str] | None = None
    no_ids: frozenset[str] = frozenset()
    first: int = 0
    below: int = PAST_END

    def accepts(self, message: Message) -> bool:
        """Return whether a message is found, as it is now."""
        return self.accepts_besides_text(message) and self._has_texts(message.content)

    def names_match(self, name: str) -> bool:
        """Return whether a file is found by its name."""
        return self._has_texts(name)

    def _has_texts(self, text: str) -> bool:
        folded = fold_text(text)
        return all(each in folded for each in self.texts) and not any(each in folded for each in self.no_texts)

    def accepts_besides_text(self, message: Message) -> bool:
        """Return whether a message has what the operators say, as it is now."""
        traits = set(traits_of(message))
        return (
            not message.deleted
            and all(each & traits for each in self.traits)
            and not self.no_traits & traits
            and (self.ids is None or message.id in self.ids)
            and message.id not in self.no_ids
        )

    def matching(self) -> dict[str, Any]:
        """Return the filter of what it finds by a text."""
        conditions = [{"t": {"$regex": _literal(each)}} for each in self.texts]
        return self._matching([*conditions, *({"t": {"$not": {"$regex": _literal(each)}}} for each in self.no_texts)])

    def matching_names(self) -> dict[str, Any]:
        """Return the filter of what it finds by the name of one file: all texts are in that, and none of the others."""
        wanted = "".join(rf"(?=[^\n]*{_literal(each)})" for each in self.texts)
        excluded = "".join(rf"(?![^\n]*{_literal(each)})" for each in self.no_texts)
        return self._matching([{"n": {"$regex": f"^{wanted}{excluded}", "$options": "m"}}])

    def _matching(self, texts: list[dict[str, Any]]) -> dict[str, Any]:
        conditions = [*texts]
        conditions += [{"m": {"$in": sorted(mark(*trait) for trait in each)}} for each in self.traits]
        if self.no_traits:
            conditions.append({"m": {"$nin": sorted(mark(*trait) for trait in self.no_traits)}})
        if self.no_ids:
            conditions.append({"_id": {"$nin": sorted(self.no_ids)}})
        return {"$and": [{"g": {"$in": self.group_ids}}, *conditions]}

    def keys(self) -> list[set[int]]:
        """Return the keys that find it: of each set a message has one at least."""
        pairs = sorted({pair for text in self.texts for pair in pairs_of(text)})
        step = -(-len(pairs) // _MAX_PAIRS) or 1
        return [{pair, LONG} for pair in pairs[::step]] + [{mark(*trait) for trait in each} for each in self.traits]


def _literal(text: str) -> str:
    # A regular expression of MongoDB's has no NUL.
    return re.escape(text).replace("\0", r"\x00")


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
    operator = part.operator or ""
    if operator in ("has", "is"):
        return frozenset({(operator, part.value)})
    if operator == "mentions" and part.value.lower() in ("all", "here"):
        return frozenset({(operator, f"!{part.value.lower()}")})
    return frozenset((operator, user_id) for user_id in await _people(actor, part.value))


async def _people(actor: Actor, typed: str) -> Collection[str]:
    """Return the ids of those whom a name, a handle or an id means: those whom the actor may see."""
    if typed.lower() == "me":
        return [actor.user_id]
    if found := await users.get_seen_users(actor=actor, user_ids=[typed]):
        return list(found)
    page = await users.find_users(actor=actor, query=typed[:64], limit=_MAX_NAMED + 1)
    if len(page.users) > _MAX_NAMED:
        raise invalid("Many people are called so: give more of the name, or a handle.")
    if not page.users:
        raise invalid("There is nobody who is called so.")
    return [user.id for user in page.users]


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
    """Narrow the time to days as they are where the actor says that they live; `on`, not excluded, is both ends."""
    if part.excluded:
        raise invalid(f"-{part.operator}: is not understood; use before:, after: and on:.")
    zone = (await users.get_user(user_id=actor.user_id)).time_zone
    day = date.fromisoformat(part.value)
    if day.year >= 9999:
        raise invalid("That day is too far away.")
    begin, end = (_place(each, zone) for each in (day, day + timedelta(days=1)))
    if part.operator in ("on", "after"):
        criteria.first = max(criteria.first, begin if part.operator == "on" else end)
    if part.operator in ("on", "before"):
        criteria.below = min(criteria.below, end if part.operator == "on" else begin)


def _place(day: date, zone: str | None) -> int:
    if day.year < 1970:
        return 0
    return first_place(datetime.combine(day, time(), ZoneInfo(zone) if zone else UTC))
