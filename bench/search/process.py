"""The process of a run: `python -m bench.search.process MESSAGES GROUPS QUERIES SEED`; prints what it has found."""

import asyncio
import os
import sys
import time
from typing import Any

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
django.setup()

from dynamodb import store  # noqa: E402 - Django first
from files import storage  # noqa: E402
from groups.followers.wakes import close_wakes  # noqa: E402
from groups.log import queries  # noqa: E402
from groups.log.head_hints import close_head_hints  # noqa: E402
from groups.read_marks import close_read_marks  # noqa: E402
from messaging import services  # noqa: E402
from realtime.hub.hub import close_hub  # noqa: E402
from search.follower import SearchIndex  # noqa: E402
from search.selectors import search  # noqa: E402

from . import findable  # noqa: E402
from .asking import ask  # noqa: E402
from .corpus import Corpus  # noqa: E402
from .filling import Filled, fill  # noqa: E402

# So many messages are sent, edited and deleted to see when that is found.
_CHANGES = 30
_COLLECTIONS = ("search.messages", "search.blocks", "search.keys")


async def run(messages: int, groups: int, asked: int, seed: int) -> dict[str, Any]:
    corpus = Corpus(seed)
    filled = await fill(corpus, messages, groups)
    answer = await ask(corpus, filled, asked)
    count = sum(map(len, filled.texts.values()))
    engine = round(1e6 * filled.engine_seconds / count)
    return {
        **answer,
        "messages": count,
        "indexing": {
            "perSecond": round(count / filled.seconds),
            "cpuMicros": round(1e6 * filled.cpu / count),
            "engineMicros": engine,
        },
        "bytes": {name: await _size(name) for name in _COLLECTIONS},
        "textBytes": sum(len(text.encode()) for texts in filled.texts.values() for text in texts.values()),
        "editSeenMs": await _send(filled),
        "findable": await findable.measure(filled.searchers[1], _CHANGES, seed),
    }


async def _size(name: str) -> int:
    figures = await storage.database().command("collStats", name)
    return int(figures["storageSize"]) + int(figures["totalIndexSize"])


async def _send(filled: Filled) -> float:
    """Return the milliseconds from an acknowledged message until it is found, by a follower that has it at once."""
    group_id, actor = filled.groups_of[1][0], filled.searchers[1]
    sent = await services.send_message(actor=actor, group_id=group_id, content="quixotic zugzwang")
    begin = time.perf_counter()
    await SearchIndex().handle(group_id, await queries.entries_after(group_id, sent["message"]["seq"] - 1), notify=True)
    found = await search(actor=actor, query="zugzwang")
    assert [item["message"]["id"] for item in found["items"]] == [sent["message"]["id"]]
    return round(1000 * (time.perf_counter() - begin), 1)


async def main(arguments: list[str]) -> None:
    try:
        print(orjson.dumps(await run(*map(int, arguments))).decode())
    finally:
        await close_hub()
        await close_read_marks()
        await close_head_hints()
        await close_wakes()
        await storage.close()
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
