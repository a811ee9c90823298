"""The end of a status is one entry a person, however often it is changed: nobody fills the index with entries."""

import asyncio
from datetime import UTC, datetime, timedelta

from users import services
from users.actor import Actor

from .conftest import waiting


async def _entries(someone: Actor) -> list[int]:
    return [placed.entry.at for placed in await waiting() if placed.entry.key == someone.user_id]


async def test_a_status_leaves_no_entry_of_the_one_that_it_replaces(alice: Actor) -> None:
    end = datetime.now(UTC) + timedelta(hours=1)
    for minutes in (0, 1, 2, 2):
        await services.set_status(actor=alice, text="Away", expires_at=end + timedelta(minutes=minutes))
    (at,) = await _entries(alice)
    assert abs(at / 1000 - (end + timedelta(minutes=2)).timestamp()) < 0.01
    await services.set_status(actor=alice, text="Back")
    assert await _entries(alice) == []


async def test_of_statuses_that_are_set_at_the_same_time_one_has_an_entry(alice: Actor) -> None:
    end = datetime.now(UTC) + timedelta(hours=1)
    await asyncio.gather(
        *(
            services.set_status(actor=alice, text="Away", expires_at=end + timedelta(minutes=number))
            for number in range(4)
        )
    )
    user = await services.set_status(actor=alice, text="Away", expires_at=end)
    assert user.status
    assert len(await _entries(alice)) == 1
    await services.clear_status(actor=alice)
    assert await _entries(alice) == []
