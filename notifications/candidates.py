"""Whom a message may concern, and why: the members whom it names, in a conversation, in its thread, at level all.

Everybody else of a group is not looked at: a message of a large group costs as much as it has candidates.
"""

from collections.abc import Collection
from dataclasses import dataclass

from groups import models as groups
from groups.log.entry import Entry, user_ids_of
from groups.models import DIRECT, Group
from groups.own_settings.listening import find_listeners
from groups.own_settings.own_settings import ALL as LEVEL_ALL
from messaging.text.mentions import ALL, HERE

from .rules import DIRECT as IN_DIRECT
from .rules import EVERYBODY, LEVEL, NAMED, TEAM, THREAD
from .rules import HERE as NAMED_HERE


@dataclass(frozen=True, slots=True)
class Concern:
    """A message as it is now, who follows its thread, and of an edit whom alone it may concern, those newly named."""

    message: Entry
    followers: frozenset[str] = frozenset()
    only: frozenset[str] | None = None

    @property
    def seq(self) -> int:
        return int(self.message.seq)

    def cause_for(self, user_id: str, *, kind: str, level: str, is_here: bool) -> str | None:
        """Return why the message may concern somebody, the first reason; None if there is none.

        `level` is what they have set of the group, `is_here` whether they are connected.
        """
        mentions = self.message.mentions or ()
        if user_id in mentions:
            directly = self.message.named_directly
            return NAMED if directly is None or user_id in directly else TEAM
        if self.only is not None:
            return None
        causes = (
            (ALL in mentions, EVERYBODY),
            (HERE in mentions and is_here, NAMED_HERE),
            (kind == DIRECT and level == LEVEL_ALL, IN_DIRECT),
            (user_id in self.followers, THREAD),
            # Replies are news for those who follow the thread: 'all messages' are those of the group itself.
            (level == LEVEL_ALL and not self.message.parent_id, LEVEL),
        )
        return next((cause for holds, cause in causes if holds), None)


async def find_candidates(group: Group, concerns: Collection[Concern]) -> dict[int, set[str]]:
    """Return the ids of those whom each message may concern, by its seq, without its author."""
    needs_all = any(group.kind == DIRECT or _names_everybody(concern) for concern in concerns)
    members = {member.user_id for member in await groups.list_members(group.id)} if needs_all else set()
    is_top_level = any(concern.only is None and not concern.message.parent_id for concern in concerns)
    listeners = await find_listeners(group.id) if group.kind != DIRECT and is_top_level else set()
    found: dict[int, set[str]] = {}
    for concern in concerns:
        ids = _named(concern)
        if concern.only is None:
            ids |= members if group.kind == DIRECT or _names_everybody(concern) else concern.followers
            ids |= set() if concern.message.parent_id else listeners
        found.setdefault(concern.seq, set()).update(ids - {concern.message.user_id})
    return found


def _named(concern: Concern) -> set[str]:
    named = user_ids_of(concern.message.mentions or ())
    return named if concern.only is None else named & concern.only


def _names_everybody(concern: Concern) -> bool:
    return concern.only is None and bool({ALL, HERE} & set(concern.message.mentions or ()))
