"""A time of day stays that over a change of clocks; what does not exist, or exists twice, is decided."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from users.time_zones import time_zones
from users.wall_time import WallTime, morning_after

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("local", "zone", "moment"),
    [
        # Clocks go forward in Berlin on 29 March 2026 at 2:00, and back on 25 October at 3:00.
        ("2026-03-28T09:00", "Europe/Berlin", "2026-03-28T08:00"),
        ("2026-03-29T09:00", "Europe/Berlin", "2026-03-29T07:00"),
        ("2026-10-24T09:00", "Europe/Berlin", "2026-10-24T07:00"),
        ("2026-10-25T09:00", "Europe/Berlin", "2026-10-25T08:00"),
        # It does not exist: 3:30.
        ("2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30"),
        ("2026-03-29T02:00", "Europe/Berlin", "2026-03-29T01:00"),
        ("2026-03-29T03:00", "Europe/Berlin", "2026-03-29T01:00"),
        # It exists twice: the first.
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30"),
        ("2026-11-01T01:30", "America/New_York", "2026-11-01T05:30"),
        # By half an hour, at midnight, and in the southern hemisphere.
        ("2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-03T15:45"),
        ("2026-09-06T00:30", "America/Santiago", "2026-09-06T04:30"),
        ("2026-04-05T02:30", "Australia/Sydney", "2026-04-04T15:30"),
        ("2026-11-28T09:00", "Asia/Kathmandu", "2026-11-28T03:15"),
    ],
)
def test_the_moment_of_a_time(local: str, zone: str, moment: str) -> None:
    assert WallTime.parse(local, zone).moment() == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("present", "zone", "days", "local", "hours"),
    [
        ("2026-03-28T20:00", "Europe/Berlin", 1, "2026-03-29T09:00:00", 11),
        ("2026-10-24T20:00", "Europe/Berlin", 1, "2026-10-25T09:00:00", 12),
        # It is tomorrow there already.
        ("2026-06-01T15:30", "Asia/Tokyo", 1, "2026-06-03T09:00:00", 32.5),
    ],
)
def test_nine_tomorrow_is_nine_tomorrow(present: str, zone: str, days: int, local: str, hours: float) -> None:
    now = datetime.fromisoformat(present).replace(tzinfo=UTC)
    wall = morning_after(now, zone, days=days, at=time(9))
    assert wall.text() == local
    assert wall.moment() - now == timedelta(hours=hours)


def test_a_time_shows_itself_unless_it_does_not_exist_in_all_zones() -> None:
    for zone in time_zones()[::7]:
        for month in (1, 4, 7, 10):
            wall = WallTime(datetime(2026, month, 15, 9), zone)
            assert WallTime.parse(wall.text(), zone) == wall
            back = wall.moment().astimezone(ZoneInfo(zone))
            assert back.replace(tzinfo=None, fold=0) == wall.local
