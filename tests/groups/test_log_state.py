"""What a process remembers of a log's end: read once for all that need it, and not evicted too early."""

import pytest

from groups.log import appender, state
from tests.cast import Person

from .sending import send, send_all


async def test_a_burst_of_retries_after_a_restart_reads_the_end_of_the_log_once(
    alice: Person, group_id: str, reads: list[int]
) -> None:
    client_ids = [f"c{number}" for number in range(20)]
    first = await send_all(alice, group_id, client_ids)
    appender.get_appenders().clear()
    reads.clear()
    again = await send_all(alice, group_id, client_ids)
    assert again == [{**sent, "duplicate": True} for sent in first]
    assert len(reads) == 1


async def test_a_retry_is_recognised_however_many_first_tries_came_at_once_after_a_restart(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "RECENT_ENTRIES", 10)
    monkeypatch.setattr(state, "MAX_REMEMBERED", 40)
    old = await send_all(alice, group_id, [f"old {number}" for number in range(12)])
    appender.get_appenders().clear()
    await send_all(alice, group_id, ["burst 1", "burst 2"])
    # Enough to evict the old ones: a retry of one must make the process read them again.
    await send_all(alice, group_id, [f"new {number}" for number in range(29)])
    for sent in old:
        message = sent["message"]
        again = await send(alice, group_id, message["clientId"], after=message["seq"] - 1)
        assert again == {**sent, "duplicate": True}
