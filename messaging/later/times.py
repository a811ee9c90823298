"""Which moment is meant: what the forms, the API and the sockets take as a time to come."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from foundation.errors import Invalid
from users import selectors as users
from users.actor import Actor
from users.due.entry import milliseconds
from users.time_zones import is_time_zone
from users.wall_time import WallTime, morning_after

from .rows import When

# So far ahead something may be planned.
MAX_DAYS = 366
IN_TWENTY_MINUTES, IN_AN_HOUR, IN_THREE_HOURS = "20_minutes", "1_hour", "3_hours"
TOMORROW, NEXT_WEEK = "tomorrow", "next_week"
_SPANS = {
    IN_TWENTY_MINUTES: timedelta(minutes=20),
    IN_AN_HOUR: timedelta(hours=1),
    IN_THREE_HOURS: timedelta(hours=3),
}
_MORNING = time(9)
WHENS = (*_SPANS, TOMORROW, NEXT_WEEK)


async def moment_at(actor: Actor, at: datetime, time_zone: str | None) -> When:
    """Return the moment `at`: with an offset it is one; without, it is a time in the zone, or in that of the profile.

    Raises `Invalid` for a time that has passed or lies more than MAX_DAYS ahead, and where no zone is known.
    """
    if at.tzinfo is not None:
        return _checked(When(milliseconds(at)))
    return _at_wall(WallTime(at, await _zone_of(actor, time_zone)))


async def moment_in(actor: Actor, when: str, time_zone: str | None) -> When:
    """Return the moment that one of WHENS is from now on; raises `Invalid` where no zone is known."""
    present = datetime.now(UTC)
    if span := _SPANS.get(when):
        return When(milliseconds(present + span))
    zone = await _zone_of(actor, time_zone)
    days = 1 if when == TOMORROW else 7 - present.astimezone(ZoneInfo(zone)).weekday()
    return _at_wall(morning_after(present, zone, days=days, at=_MORNING))


def _at_wall(wall: WallTime) -> When:
    try:
        return _checked(When(milliseconds(wall.moment()), wall))
    except (OverflowError, ValueError):
        raise _refused() from None


def _checked(when: When) -> When:
    present = milliseconds(datetime.now(UTC))
    if not present < when.at <= present + MAX_DAYS * 24 * 3600 * 1000:
        raise _refused()
    return when


def _refused() -> Invalid:
    sentence = f"It is a time to come, within {MAX_DAYS} days."
    return Invalid(sentence, fields={"at": [sentence]})


async def _zone_of(actor: Actor, time_zone: str | None) -> str:
    zone = time_zone or (await users.get_user(user_id=actor.user_id)).time_zone
    # That of the profile may be known no more since it was given.
    if zone is None or not is_time_zone(zone):
        sentence = "Say in which time zone, or set that of your profile."
        raise Invalid(sentence, fields={"timeZone": [sentence]})
    return zone
