"""The keys by which the index finds messages: each pair of characters of the folded text, and marks of what it has.

A text has a substring only if it has all of its pairs, so the rarest of them leaves few candidates, in any script. A
key is a number; two things may share one, since every candidate is compared with its text.
"""

import zlib
from collections.abc import Iterable
from itertools import pairwise

# Of a text with more different pairs none are kept but this: it is a candidate for every pair. So a long message of
# noise costs the index no more than a page of prose.
MAX_PAIRS = 1_500
LONG = -1


def pairs_of(folded: str) -> set[int]:
    """Return the keys of the pairs of neighbouring characters in a folded text; none where it has one character."""
    # 21 bits of the first character, shifted by less than the second may have: most scripts have keys of their own.
    return {(ord(one) << 11 ^ ord(other)) & 0x7FFFFFFF for one, other in pairwise(folded)}


def keys_of_texts(folded: Iterable[str]) -> list[int]:
    """Return the keys by which something with these texts is found."""
    pairs = {pair for text in folded for pair in pairs_of(text)}
    return [LONG] if len(pairs) > MAX_PAIRS else sorted(pairs)


def mark(operator: str, value: str) -> int:
    """Return the key of what an operator finds, such as `from` and a user's id: negative, unlike those of pairs."""
    return -2 - (zlib.crc32(f"{operator}:{value}".encode()) & 0x3FFFFFFF)
