"""Cursors come back as they went out, and anything else is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.cursors import decode_cursor, encode_cursor

pytestmark = pytest.mark.unit

parts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(parts=st.lists(parts, min_size=1, max_size=3))
def test_a_cursor_has_the_parts_that_it_was_made_of(parts: list[str]) -> None:
    cursor = encode_cursor(*parts)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert decode_cursor(cursor, len(parts)) == tuple(parts)


@given(text=st.text(max_size=60))
def test_anything_else_is_refused_or_has_parts(text: str) -> None:
    with suppress(ValueError):
        assert len(decode_cursor(text, 2)) == 2


@pytest.mark.parametrize(
    "cursor", ["", "a", "\xe4", "=", "YQ", encode_cursor("a"), encode_cursor("a", ""), "_w", "a" * 2000]
)
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode_cursor(cursor, 2)
