"""Names for new things: of the promised shape, every character as likely as any other, never the same twice."""

from collections import Counter

import pytest

from foundation.ids import new_id

pytestmark = pytest.mark.unit

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("length", [1, 2, 12, 20, 64])
def test_an_id_is_its_prefix_and_so_many_characters(length: int) -> None:
    for _ in range(200):
        prefix, _, characters = new_id("n", length).partition("_")
        assert (prefix, len(characters)) == ("n", length)
        assert set(characters) <= set(ALPHABET)


def test_no_character_is_favoured() -> None:
    times = Counter(character for _ in range(4000) for character in new_id("", 31)[1:])
    assert times.keys() == set(ALPHABET)
    # 2,000 of each are expected, with a deviation of 45: eight of them never happen by chance.
    assert all(abs(count - 2000) < 360 for count in times.values())


def test_no_id_comes_twice() -> None:
    assert len({new_id("n", 12) for _ in range(10_000)}) == 10_000
