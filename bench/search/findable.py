"""How long after its acknowledgement a message, an edit or a deletion shows in the index, on a server that follows.

The followers run in this process, with all that a server's do, beside people who write to busy and to quiet groups.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from groups import services as groups
from groups.followers.runner import close_following, following
from groups.followers.wake_queue import wake_queue
from messaging import services
from search import index
from users.actor import Actor

_GROUPS, _MAX_PAUSE, _LOOK, _TIMEOUT = 6, 1.2, 0.01, 30.0
Check = Callable[[dict[str, Any] | None], bool]


async def measure(actor: Actor, count: int, seed: int) -> dict[str, Any]:
    """Return {"messages", "edits", "deletions": {"p50", "p95", "most"}} in ms, of `count` of each."""
    # What was written before is not to be followed now.
    await wake_queue().clear()
    following().runner.stop_sweeping()
    chance = random.Random(seed)
    ids = [(await groups.create_group(actor=actor, name=f"Findable {n}", member_ids=[])).id for n in range(_GROUPS)]
    taken: dict[str, list[float]] = {"messages": [], "edits": [], "deletions": []}
    try:
        for number in range(count):
            # Half of all in one group, which is busy.
            group_id = ids[0] if chance.random() < 0.5 else chance.choice(ids)
            for kind, milliseconds in (await _one(actor, group_id, number, chance)).items():
                taken[kind].append(milliseconds)
    finally:
        await close_following()
    return {kind: _summary(times) for kind, times in taken.items()}


async def _one(actor: Actor, group_id: str, number: int, chance: random.Random) -> dict[str, float]:
    """Send, edit and delete a message, at any time after what was done before, and return how long each took."""

    async def pause() -> None:
        await asyncio.sleep(_MAX_PAUSE * chance.random())

    sent = await services.send_message(actor=actor, group_id=group_id, content=f"quixotic {number}")
    message_id: str = sent["message"]["id"]
    found = await _until(message_id, lambda one: one is not None)
    await pause()
    edit = services.edit_message(actor=actor, message_id=message_id, content=f"sober {number}")
    edited = await _after(edit, message_id, lambda one: bool(one and str(one.get("t", "")).startswith("sober")))
    await pause()
    deletion = services.delete_message(actor=actor, message_id=message_id)
    deleted = await _after(deletion, message_id, lambda one: bool(one and "t" not in one))
    await pause()
    return {"messages": found, "edits": edited, "deletions": deleted}


async def _after(change: Awaitable[Any], message_id: str, check: Check) -> float:
    await change
    return await _until(message_id, check)


async def _until(message_id: str, check: Check) -> float:
    """Return the milliseconds until the document of a message is as it is to be."""
    begin = time.perf_counter()
    async with asyncio.timeout(_TIMEOUT):
        while not check(await index.messages().find_one({"_id": message_id})):  # noqa: ASYNC110 - in the store
            await asyncio.sleep(_LOOK)
    return 1000 * (time.perf_counter() - begin)


def _summary(times: list[float]) -> dict[str, int]:
    ordered = sorted(times)
    at = {f"p{share}": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)]) for share in (50, 95)}
    return {**at, "most": round(ordered[-1])}
