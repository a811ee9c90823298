"""One range of a file, by RFC 9110."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.range_header import Unsatisfiable, parse_range

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("bytes=0-0", (0, 1)),
        ("bytes=2-5", (2, 6)),
        ("Bytes=2-5", (2, 6)),
        ("bytes=90-", (90, 100)),
        ("bytes=0-999", (0, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-999", (0, 100)),
        # Malformed headers, other units and several ranges get the whole file.
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=+1-2", None),
        ("bytes=\u0661-\u0662", None),
        ("bytes=" + "9" * 50 + "-", None),
    ],
)
def test_a_range_of_a_hundred_bytes(header: str | None, expected: tuple[int, int] | None) -> None:
    assert parse_range(header, 100) == expected


@pytest.mark.parametrize(
    ("header", "size"),
    [("bytes=100-", 100), ("bytes=500-600", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-5", 0)],
)
def test_a_range_outside_the_file_is_unsatisfiable(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        parse_range(header, size)


@given(st.text(alphabet="bytes=-0123456789, ", max_size=30), st.integers(0, 1000))
def test_a_range_never_leaves_the_file(header: str, size: int) -> None:
    try:
        parsed = parse_range(f"bytes={header}", size)
    except Unsatisfiable:
        return
    assert parsed is None or 0 <= parsed[0] < parsed[1] <= size
