"""The setting of rates: which budgets there are, and how each is changed or turned off by name."""

import pytest

from foundation.limits.rates import Rate, parse_rates

pytestmark = pytest.mark.unit

DEFAULTS = {"write": "30/m", "message": "20/4s"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ("", {"write": Rate(30, 60), "message": Rate(20, 4)}),
        ("write=5/h", {"write": Rate(5, 3600), "message": Rate(20, 4)}),
        (" write=off , ", {"message": Rate(20, 4)}),
        ("off", {}),
        ("off,message=1/2d", {"message": Rate(1, 172_800)}),
        ("message=1/s,off", {}),
    ],
)
def test_rates_are_changed_and_turned_off_by_name(changes: str, expected: dict[str, Rate]) -> None:
    assert parse_rates(DEFAULTS, changes) == expected


@pytest.mark.parametrize(
    "changes", ["reads=1/s", "write", "write=", "write=0/s", "write=5", "write=-1/m", "write=1/0s", "off=1/s"]
)
def test_what_is_no_rate_or_names_no_budget_is_an_error(changes: str) -> None:
    with pytest.raises(ValueError, match=r"limit|rate"):
        parse_rates(DEFAULTS, changes)
