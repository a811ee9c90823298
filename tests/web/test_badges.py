"""What a badge shows of a count, as the server writes it."""

import pytest

from web.templatetags.web import short

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("count", "shown"), [(None, "0"), (0, "0"), (7, "7"), (999, "999"), (1_000, "999+"), (1_200, "999+")]
)
def test_a_badge_has_no_room_for_more_than_three_digits(count: int | None, shown: str) -> None:
    assert short(count) == shown  # type: ignore[arg-type] # what a template passes of a group that is not there
