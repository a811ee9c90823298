"""The best first: of the newest messages that a query finds those that match best, and then of the next ones.

A message has two points for each text that stands in it as a whole word, one where a word begins with it, and where
the texts stand side by side, one more for each of them. Of equals the newer one is first. What is ranked together is
a window of so many messages, so that what a search costs is bounded; older ones come after all of them.
"""

import time
from dataclasses import dataclass, replace
from typing import Any, Self

from foundation.errors import Unavailable
from users.actor import Actor

from . import index
from .criteria import Criteria, literal
from .documents import PAST_END
from .index import Hit
from .reading import Result, readable
from .walking import Search

WINDOW = 500
# Seconds for finding a window, and for finding it again for the next page of it.
_SECONDS, _SECONDS_AGAIN = 1.0, 3.0
# What words are made of in a folded text; an underscore may be Markdown.
_IN_WORD = r"[\p{L}\p{M}\p{N}]"


@dataclass(frozen=True, slots=True)
class RankedPlace:
    """Where a list goes on: in the window of the messages before the place `below`, after the one with this rank.

    The window begins at the place `first`; while that is None it is not known yet, and nothing was listed of it.
    """

    below: int = PAST_END
    first: int | None = None
    rank: tuple[int, int] = (0, 0)

    def as_text(self) -> str:
        return ".".join(map(str, (self.below, -1 if self.first is None else self.first, *self.rank)))

    @classmethod
    def parse(cls, text: str) -> Self:
        below, first, score, place = map(int, text.split("."))
        return cls(below, None if first < 0 else first, (score, place))

    def after(self, result: Result) -> "RankedPlace":
        return replace(self, rank=(result.score, result.place))


async def find_best(
    actor: Actor, criteria: Criteria, at: RankedPlace, limit: int
) -> tuple[list[Result], RankedPlace, RankedPlace | None]:
    """Return what comes at a place, one more than `limit` if there is, its window, and where to go on after all of it.

    The last is None where nothing follows. Raises `Unavailable` where a window could not be found again in time.
    """
    window, hits, is_last = await _find_window(criteria, at)
    scores = await index.find_scores([hit.id for hit in hits], score_of(criteria.texts))
    ranked = sorted(((scores[hit.id], hit.place, hit) for hit in hits if hit.id in scores), reverse=True)
    left = [(score, hit) for score, place, hit in ranked if at.first is None or (score, place) < at.rank]
    results: list[Result] = []
    while left and len(results) <= limit:
        part, left = left[: limit + 1 - len(results)], left[limit + 1 - len(results) :]
        by_place = {hit.place: score for score, hit in part}
        found = await readable(actor, criteria, [hit for _, hit in part])
        results += [replace(each, score=by_place[each.place]) for each in found]
    return results, window, None if is_last else RankedPlace(window.first or 0)


async def _find_window(criteria: Criteria, at: RankedPlace) -> tuple[RankedPlace, list[Hit], bool]:
    """Return the window at a place, what is found in it, and whether nothing is found before it."""
    if at.first is None:
        found = await Search(criteria, at.below, WINDOW, time.monotonic() + _SECONDS).run()
        return replace(at, first=found.below or criteria.first), found.hits, found.below is None
    narrowed = replace(criteria, first=max(criteria.first, at.first))
    # Some may be found in it since.
    found = await Search(narrowed, at.below, 2 * WINDOW, time.monotonic() + _SECONDS_AGAIN).run()
    if found.below is not None:
        raise Unavailable("This search takes too long just now: try again in a moment.")
    return at, found.hits, at.first <= criteria.first


def score_of(texts: list[str]) -> dict[str, Any]:
    """Return the expression of a document's score."""
    points: list[Any] = [_points_of(text) for text in texts]
    if len(texts) > 1:
        points.append({"$cond": [_has(literal(" ".join(texts))), len(texts), 0]})
    return {"$add": points or [0]}


def _points_of(text: str) -> dict[str, Any]:
    begins = f"(?<!{_IN_WORD}){literal(text)}"
    whole = f"{begins}(?!{_IN_WORD})"
    return {"$cond": [_has(whole), 2, {"$cond": [_has(begins), 1, 0]}]}


def _has(pattern: str) -> dict[str, Any]:
    return {"$regexMatch": {"input": "$t", "regex": pattern}}
