"""Ids have the documented shape, use every character equally often, and do not repeat."""

from collections import Counter

import pytest

from foundation.ids import new_id

pytestmark = pytest.mark.unit

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("length", [1, 2, 12, 20, 64])
def test_an_id_is_its_prefix_and_the_requested_number_of_characters(length: int) -> None:
    for _ in range(200):
        prefix, _, characters = new_id("n", length).partition("_")
        assert (prefix, len(characters)) == ("n", length)
        assert set(characters) <= set(ALPHABET)


def test_every_character_is_equally_likely() -> None:
    counts = Counter(character for _ in range(4000) for character in new_id("", 31)[1:])
    assert counts.keys() == set(ALPHABET)
    # 2,000 of each are expected, with a standard deviation of 45: a difference of eight of them is not chance.
    assert all(abs(count - 2000) < 360 for count in counts.values())


def test_ids_do_not_repeat() -> None:
    assert len({new_id("n", 12) for _ in range(10_000)}) == 10_000
