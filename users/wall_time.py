"""A time of day in somebody's time zone, such as 9:00 tomorrow in Berlin, and the moment that it is.

The clocks of a zone change: 9:00 stays 9:00. A time that does not exist, when clocks go forward, is as long after
midnight as it says by the clock of before (2:30 is 3:30 then); of one that exists twice, the first is meant.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class WallTime:
    """`local` is a time without a zone, `zone` a name of the IANA's database that `is_time_zone` knows."""

    local: datetime
    zone: str

    def moment(self) -> datetime:
        """Return the moment, in UTC; raises `OverflowError` at the ends of the calendar."""
        return self.local.replace(tzinfo=ZoneInfo(self.zone), fold=0).astimezone(UTC)

    def text(self) -> str:
        """Return the time as it is stored and shown: `2026-11-28T09:00:00`."""
        return self.local.isoformat(timespec="seconds")

    @classmethod
    def parse(cls, text: str, zone: str) -> "WallTime":
        return cls(datetime.fromisoformat(text), zone)


def morning_after(moment: datetime, zone: str, *, days: int, at: time) -> WallTime:
    """Return a time of day so many days after the day that it is in the zone."""
    today = moment.astimezone(ZoneInfo(zone)).date()
    return WallTime(datetime.combine(today + timedelta(days=days), at), zone)
