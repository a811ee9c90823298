"""A group that was followed a moment ago rests, and is followed again as soon as that is over, if it was woken."""

import asyncio

import pytest

from groups import services
from groups.followers.runner import Runner
from groups.followers.wake_queue import REST, wake_queue
from groups.followers.wakes import wakes
from groups.log import queries
from messaging import services as messages
from tests.cast import Person

from .recording import Recorder

pytestmark = pytest.mark.usefixtures("_empty_queue")


async def test_a_group_that_rests_is_taken_again_only_if_it_was_woken(group_id: str) -> None:
    queue = wake_queue()
    await wakes().write()
    await queue.clear()
    for is_woken in (False, True):
        await queue.wake([group_id])
        taken = await queue.take(1000)
        assert group_id in taken.group_ids
        await queue.finish(group_id, taken.until, None, {})
        if is_woken:
            await queue.wake([group_id])
        resting = await queue.take(1000)
        assert group_id not in resting.group_ids
        assert resting.next_in is not None
        assert resting.next_in <= REST
        await asyncio.sleep(REST)
        assert (group_id in (await queue.take(1000)).group_ids) is is_woken


async def test_a_group_is_followed_as_soon_as_it_has_rested(
    alice: Person, group_id: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However seldom the process looks, and while another group takes its time."""
    monkeypatch.setattr("groups.followers.runner._ROUND", 3600.0)
    runner, never = Runner(alone=True), asyncio.Event()
    runner._sweep_again_at, runner._poll = float("inf"), 3600.0
    slow = (await services.create_group(actor=alice.actor, name="Slow")).id
    recorder.fails = lambda entry: never.wait() if entry.group_id == slow else None
    running = asyncio.create_task(runner.run())
    try:
        async with asyncio.timeout(30):
            for text in "abc":
                await messages.send_message(actor=alice.actor, group_id=group_id, content=text)
                head = await queries.last_entry(group_id)
                while not head or int(head.seq) not in recorder.seqs(group_id):  # noqa: ASYNC110 - no event
                    await asyncio.sleep(0.01)
    finally:
        runner._stopping = True
        never.set()
        wakes().on_written.set()
        await running
