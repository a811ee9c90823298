"""Searches as members do, compares what they find with a plain scan, and takes the times."""

import time
from typing import Any

from foundation.cursors import decode_cursor
from foundation.folding import fold_text
from foundation.ids import message_id
from search.selectors import BEST, NEWEST, search
from users.actor import Actor

from .corpus import Corpus
from .engines import engine_seconds
from .filling import SEARCHERS, Filled

# What is found of more is compared only so far: its first pages.
_MOST = 200


async def ask(corpus: Corpus, filled: Filled, queries: int) -> dict[str, Any]:
    """Return {"wrong": [...], "times": [{"groups", "kind", "queries", "p50", "p95", "cpu", "engine"}]}.

    Times are of first pages, in milliseconds; `engine` is MongoDB's CPU time.
    """
    asking = _Asking(corpus, filled)
    times = [await asking.measure(size, kind, queries) for size in SEARCHERS for kind in ("common", "any substring")]
    times += [await asking.measure(size, "common", queries, order=BEST) for size in SEARCHERS]
    return {"wrong": asking.wrong, "times": times}


class _Asking:
    def __init__(self, corpus: Corpus, filled: Filled) -> None:
        self.wrong: list[str] = []
        self._corpus, self._filled = corpus, filled
        self._cpu = self._engine = 0.0
        self._folded = {
            group_id: {seq: fold_text(text) for seq, text in texts.items()} for group_id, texts in filled.texts.items()
        }

    async def measure(self, size: int, kind: str, queries: int, *, order: str = NEWEST) -> dict[str, Any]:
        self._cpu = self._engine = 0.0
        asked = [await self._ask(size, self._choose(size, kind), order) for _ in range(queries)]
        taken = sorted(each for each in asked if each is not None)
        percentiles = {
            f"p{share}": round(taken[min(len(taken) - 1, len(taken) * share // 100)], 1) for share in (50, 95)
        }
        about = {"groups": len(self._filled.groups_of[size]), "kind": kind, "order": order, "queries": len(taken)}
        cpu, engine = (round(each / len(taken), 1) for each in (self._cpu, self._engine))
        return {**about, "cpu": cpu, "engine": engine, **percentiles}

    def _choose(self, size: int, kind: str) -> str:
        if kind == "common":
            return self._corpus.common()
        texts = self._filled.texts[self._corpus.chance.choice(self._filled.groups_of[size])]
        return self._corpus.part_of(self._corpus.chance.choice(list(texts.values())))

    async def _ask(self, size: int, part: str, order: str) -> float | None:
        """Search for a part, note what is wrong, and return the milliseconds of the first page."""
        wanted = fold_text(part)
        if len(wanted) < 2:
            return None
        actor = self._filled.searchers[size]
        begin, cpu, engine = time.perf_counter(), time.process_time(), engine_seconds()
        page = await search(actor=actor, query=f'"{part}"', order=order)
        taken = 1000 * (time.perf_counter() - begin)
        self._cpu += 1000 * (time.process_time() - cpu)
        self._engine += 1000 * (engine_seconds() - engine)
        found, is_all = await _rest(actor, part, page, order)
        there = self._scan(size, wanted)
        if not found <= there or (is_all and found != there) or (not is_all and len(found) < _MOST):
            self.wrong.append(
                f"{size} groups, {part!r}: {len(found & there)} of {len(there)} found, {len(found - there)} else"
            )
        return taken

    def _scan(self, size: int, wanted: str) -> set[str]:
        ids = self._filled.groups_of[size]
        return {message_id(each, seq) for each in ids for seq, text in self._folded[each].items() if wanted in text}


async def _rest(actor: Actor, part: str, page: dict[str, Any], order: str) -> tuple[set[str], bool]:
    """Return what all pages have, up to some, and whether these are all."""
    ids = {item["message"]["id"] for item in page["items"]}
    while "nextCursor" in page and len(ids) < _MOST:
        cursor = decode_cursor(page["nextCursor"], 1)
        page = await search(actor=actor, query=f'"{part}"', order=order, limit=50, cursor=cursor)
        ids |= {item["message"]["id"] for item in page["items"]}
    return ids, "nextCursor" not in page
