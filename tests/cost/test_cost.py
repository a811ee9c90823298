"""What things cost, in counts that no clock decides: whoever makes one grow sees it here.

A bound is what is needed today and some room; when one falls, look for the reason before raising it.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bench.launcher import start_store_proxy
from bin.local.checkout import ROOT
from bin.local.processes import ProcessGroup

from .stories import MEMBERS, RETURNING

Counts = dict[str, Any]


@pytest.fixture(scope="session")
async def counts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Counts]:
    """What the stories count, told once."""
    processes = ProcessGroup()
    log: Path = tmp_path_factory.mktemp("cost") / "front.log"
    try:
        front = start_store_proxy(processes, upstream=os.environ["DYNAMODB_URL"], tables=[], log=log)
        yield await _told(front.url)
    finally:
        processes.stop()


async def _told(store_url: str) -> Counts:
    # What looks after rooms, members and presence now and then would be counted too.
    rarely = dict.fromkeys(("ROOM_CHECK_INTERVAL", "MEMBERSHIP_CHECK_INTERVAL", "PRESENCE_INTERVAL"), "3600")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.cost.stories"),
        cwd=ROOT,
        env={**os.environ, **rarely, "DYNAMODB_URL": store_url},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0
    told: Counts = json.loads(output)
    return told


def test_a_lone_message_is_one_write_and_no_read(counts: Counts) -> None:
    """Not even of the sender's membership: the log says who left (docs/decisions/0001)."""
    assert counts["lone message"] == {"PutItem Messages": 1}


def test_messages_that_come_together_are_one_write_and_no_read(counts: Counts) -> None:
    assert counts["batch"] == {"TransactWriteItems Messages": 1}


def test_a_change_is_encoded_once_however_many_get_it(counts: Counts) -> None:
    assert counts["encoded"] == MEMBERS
    assert counts["frames a connection"] == MEMBERS


def test_a_connection_costs_two_reads_and_the_first_of_a_room_one_more(counts: Counts) -> None:
    again = {"GetItem Groups": 1, "BatchGetItem Groups": 1}
    assert counts["connect again"] == again
    assert counts["connect"] == {**again, "Query Messages": 1}


def test_who_come_back_together_share_their_reads(counts: Counts) -> None:
    """The log's end and what they missed are read once, and their memberships together, a hundred rows a call."""
    assert counts["resume"]["Query Messages"] <= 2
    assert sum(made for read, made in counts["resume"].items() if "Groups" in read) <= RETURNING / 4


def test_typing_that_is_not_told_reads_nothing(counts: Counts) -> None:
    assert counts["unheard typing"] == {}


def test_a_message_to_fifty_takes_no_more_calls_than_it_did(counts: Counts) -> None:
    """Calls of functions, Python's and C's, on the loop's thread: what CPU time would say if it were ever the same.

    Instructions (valgrind) would be finer, and differ from one Python build to the next.
    """
    assert counts["calls a message"] < 400
