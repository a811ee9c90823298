"""The decision whether somebody is told, as a table; and quiet time, over changes of clocks."""

from datetime import UTC, datetime
from typing import Any

import pytest

from notifications.rules import CAUSES, REASONS, TOLD, Facts, QuietTime, decide

pytestmark = pytest.mark.unit

# Each reason alone, and with all that come after it.
TABLE: list[tuple[dict[str, Any], str]] = [
    ({"is_own": True}, "own"),
    ({"is_member": False}, "not_a_member"),
    ({"is_active_user": False}, "deactivated"),
    ({"is_deleted": True}, "deleted"),
    ({"is_blocked": True}, "blocked"),
    ({"is_silenced": True}, "nothing"),
    ({"is_muted": True}, "muted"),
    ({"cause": None}, "not_named"),
    ({"is_read": True}, "read"),
    ({"is_present": True}, "active"),
    ({"is_quiet": True}, "quiet"),
    ({"wants_push": False}, "push_off"),
    ({"has_device": False}, "no_device"),
]
NAMED: dict[str, Any] = {"cause": "named"}


@pytest.mark.parametrize(("facts", "reason"), TABLE, ids=[reason for _, reason in TABLE])
def test_a_reason_not_to_tell(facts: dict[str, Any], reason: str) -> None:
    assert decide(Facts(**{**NAMED, **facts})) == reason


@pytest.mark.parametrize("first", range(len(TABLE)), ids=[reason for _, reason in TABLE])
def test_of_several_reasons_the_first_is_said(first: int) -> None:
    together = {name: value for facts, _ in TABLE[first:] for name, value in facts.items()}
    assert decide(Facts(**{**NAMED, **together})) == TABLE[first][1]


@pytest.mark.parametrize("cause", CAUSES)
def test_whom_it_concerns_is_told(cause: str) -> None:
    assert decide(Facts(cause=cause)) == TOLD


def test_every_reason_is_one_of_those_on_the_wire() -> None:
    assert {reason for _, reason in TABLE} < set(REASONS)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


QUIET = [
    (QuietTime("22:00", "07:00"), "2026-03-01T21:59:59Z", False),
    (QuietTime("22:00", "07:00"), "2026-03-01T22:00:00Z", True),
    (QuietTime("22:00", "07:00"), "2026-03-01T06:59:00Z", True),
    (QuietTime("22:00", "07:00"), "2026-03-01T07:00:00Z", False),
    (QuietTime("12:00", "13:00"), "2026-03-01T12:30:00Z", True),
    (QuietTime("12:00", "13:00"), "2026-03-01T13:00:00Z", False),
    # In a zone: 22:00 in Tokyo is 13:00 in UTC.
    (QuietTime("22:00", "07:00", "Asia/Tokyo"), "2026-03-01T13:00:00Z", True),
    (QuietTime("22:00", "07:00", "Asia/Tokyo"), "2026-03-01T22:30:00Z", False),
    (QuietTime("22:00", "07:00", "Asia/Kathmandu"), "2026-03-01T16:14:00Z", False),
    (QuietTime("22:00", "07:00", "Asia/Kathmandu"), "2026-03-01T16:15:00Z", True),
    # Berlin's clocks go from 02:00 to 03:00 on 29 March 2026: 07:00 is 06:00 UTC before, 05:00 UTC after.
    (QuietTime("22:00", "07:00", "Europe/Berlin"), "2026-03-28T05:30:00Z", True),
    (QuietTime("22:00", "07:00", "Europe/Berlin"), "2026-03-29T05:30:00Z", False),
]


@pytest.mark.parametrize(("quiet", "moment", "covered"), QUIET, ids=[f"{q}-{at}" for q, at, _ in QUIET])
def test_quiet_time(quiet: QuietTime, moment: str, covered: bool) -> None:
    assert quiet.covers(_at(moment)) is covered


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-03-27T23:00:00Z", "2026-03-28T06:00:00Z"),
        # A night that is an hour shorter, and one that is an hour longer.
        ("2026-03-28T23:00:00Z", "2026-03-29T05:00:00Z"),
        ("2026-10-24T23:00:00Z", "2026-10-25T06:00:00Z"),
    ],
)
def test_it_ends_by_the_clock_of_the_person(moment: str, end: str) -> None:
    assert QuietTime("22:00", "07:00", "Europe/Berlin").end(_at(moment)) == _at(end)


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "", "../etc/passwd", "Europe", "x" * 300, "Europe/Ber\0lin"], ids=range(6)
)
def test_a_zone_that_is_not_known_counts_as_utc(zone: str) -> None:
    quiet = QuietTime("22:00", "07:00", zone)
    assert quiet.covers(_at("2026-01-01T23:00+00:00"))
    assert not quiet.covers(_at("2026-01-01T07:00+00:00"))
    assert quiet.end(_at("2026-01-01T23:00+00:00")) == _at("2026-01-02T07:00+00:00")
