"""The part of a message that shows why it was found: around the first match, with all matches in it marked."""

from collections.abc import Iterable
from typing import Any

from foundation.folding import fold_character, fold_with_places

LENGTH, _BEFORE = 240, 60
_CUT = "…"


def excerpt(content: str, texts: Iterable[str]) -> list[dict[str, Any]]:
    """Return pieces of a message in order, [{"text", "match"}], of `LENGTH` characters and what is cut off as `…`.

    `texts` are folded; without a match the excerpt is the beginning.
    """
    matches = _matches(content, texts)
    start = max(0, matches[0][0] - _BEFORE) if matches else 0
    end = min(len(content), start + LENGTH)
    pieces = [(_CUT, False)] if start else []
    at = start
    for first, last in matches:
        if first >= end:
            break
        pieces += [(content[at:first], False), (content[first : min(last, end)], True)]
        at = min(last, end)
    pieces += [(content[at:end], False), (_CUT if end < len(content) else "", False)]
    return [{"text": text, "match": is_match} for text, is_match in pieces if text]


def _matches(content: str, texts: Iterable[str]) -> list[tuple[int, int]]:
    """Return where the texts are, from where to where, in order and without overlaps."""
    folded, places = fold_with_places(content)
    found = []
    for text in texts if places else ():
        at = folded.find(text)
        while at >= 0:
            found.append((places[at], _end_of(content, places[at + len(text) - 1])))
            at = folded.find(text, at + len(text))
    merged: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if merged and first < merged[-1][1]:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged


def _end_of(content: str, last: int) -> int:
    """Return where the character at `last` ends, with the marks on it."""
    end = last + 1
    while end < len(content) and not fold_character(content[end]):
        end += 1
    return end
