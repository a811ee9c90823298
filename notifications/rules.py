"""Whether somebody is told of a message, as a function of facts: whoever decides, or asks why, gets the same."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

# Why somebody may be told at all: the first that holds. A message of a group at the level `all` counts as the last of
# what is said; a reminder is a decision of its own.
NAMED, TEAM, EVERYBODY, HERE, DIRECT, THREAD, LEVEL, REMINDER = CAUSES = (
    *("named", "team", "everybody", "here"),
    *("direct", "thread", "level", "reminder"),
)
TOLD = "told"
# Why somebody is not told; of several the first.
DELETED, OWN, NOT_A_MEMBER, DEACTIVATED, BLOCKED = "deleted", "own", "not_a_member", "deactivated", "blocked"
NOT_NAMED, MUTED, NOTHING = "not_named", "muted", "nothing"
READ, ACTIVE, QUIET, PUSH_OFF, NO_DEVICE = "read", "active", "quiet", "push_off", "no_device"
# What is decided after that: the push services took it not, or the server was told of the message too late.
FAILED, TOO_OLD, UNDECIDED = "failed", "too_old", "undecided"
NOT_TOLD = (
    *(DELETED, OWN, NOT_A_MEMBER, DEACTIVATED, BLOCKED, NOT_NAMED, MUTED, NOTHING),
    *(READ, ACTIVE, QUIET, PUSH_OFF, NO_DEVICE, FAILED, TOO_OLD, UNDECIDED),
)
REASONS = (TOLD, *NOT_TOLD)
# They want to know, and cannot be pushed to at this moment: a mail may reach them later, if they have not read it.
MAILED = (TOLD, ACTIVE, QUIET, PUSH_OFF, NO_DEVICE)


@dataclass(frozen=True, slots=True)
class QuietTime:
    """The hours of each day in which somebody is told nothing: `HH:MM` in `zone`; over midnight if `since` is later."""

    since: str
    until: str
    zone: str = "UTC"

    def covers(self, moment: datetime) -> bool:
        clock = moment.astimezone(_zone(self.zone)).strftime("%H:%M")
        if self.since <= self.until:
            return self.since <= clock < self.until
        return clock >= self.since or clock < self.until

    def end(self, moment: datetime) -> datetime:
        """Return when it ends, of a moment that it covers: by the clock of the zone, whatever changes meanwhile."""
        here = moment.astimezone(_zone(self.zone))
        hour, minute = map(int, self.until.split(":"))
        end = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if end <= here:
            # Of the same clock on the next day, which may have an hour more or less.
            end = (here.replace(tzinfo=None, hour=hour, minute=minute, second=0, microsecond=0) + _DAY).replace(
                tzinfo=here.tzinfo
            )
        return end.astimezone(UTC)


_DAY = timedelta(days=1)


@lru_cache(maxsize=700)
def _zone(name: str) -> tzinfo:
    """Return a zone; UTC for one that is known no more since a profile has named it, or never was."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a message and a person; `cause` is one of CAUSES, None: nothing that would concern them."""

    cause: str | None = None
    is_deleted: bool = False
    is_own: bool = False
    is_member: bool = True
    is_active_user: bool = True
    is_blocked: bool = False
    is_muted: bool = False
    is_silenced: bool = False
    is_read: bool = False
    is_present: bool = False
    is_quiet: bool = False
    wants_push: bool = True
    has_device: bool = True


def decide(facts: Facts) -> str:
    """Return TOLD, or the first of the reasons why not; what the person may not read comes before what they set."""
    rules = (
        (facts.is_own, OWN),
        (not facts.is_member, NOT_A_MEMBER),
        (not facts.is_active_user, DEACTIVATED),
        (facts.is_deleted, DELETED),
        (facts.is_blocked, BLOCKED),
        (facts.is_silenced, NOTHING),
        (facts.is_muted, MUTED),
        (facts.cause is None, NOT_NAMED),
        (facts.is_read, READ),
        (facts.is_present, ACTIVE),
        (facts.is_quiet, QUIET),
        (not facts.wants_push, PUSH_OFF),
        (not facts.has_device, NO_DEVICE),
    )
    return next((reason for holds, reason in rules if holds), TOLD)
