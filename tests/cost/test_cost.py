"""What operations cost, in counts that do not depend on a clock.

A bound is today's count plus a margin; when a test fails, look for the reason before you raise its bound.
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
from users.models import SHARDS

from .many_groups import GROUPS
from .scenarios import MEMBERS, RESUMED

Counts = dict[str, Any]
_INTERVALS = ("ROOM_CHECK_INTERVAL", "MEMBERSHIP_CHECK_INTERVAL", "PRESENCE_INTERVAL", "READ_MARK_INTERVAL")


@pytest.fixture(scope="session")
async def counts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Counts]:
    """The counts of the scenarios, which run once."""
    processes = ProcessGroup()
    log: Path = tmp_path_factory.mktemp("cost") / "front.log"
    try:
        front = start_store_proxy(processes, upstream=os.environ["DYNAMODB_URL"], tables=[], log=log)
        yield await _run_scenarios(front.url)
    finally:
        processes.stop()


async def _run_scenarios(store_url: str) -> Counts:
    # What is done from time to time would be counted too, and so would what is tried again on a busy machine.
    intervals = {**dict.fromkeys(_INTERVALS, "3600"), "STORE_TIMEOUT": "60"}
    # Servers of other tests, with the same tables, would follow its groups.
    apart = {"NAMESPACE": f"{os.environ['NAMESPACE']}-cost", "DYNAMODB_URL": store_url}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.cost.scenarios"),
        cwd=ROOT,
        env={**os.environ, **intervals, **apart},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0
    counts: Counts = json.loads(output)
    return counts


def test_a_lone_message_is_one_write_and_no_read(counts: Counts) -> None:
    """Not even of the sender's membership: the log says who has left (docs/decisions/0001)."""
    assert counts["lone message"] == {"PutItem Messages": 1}


def test_concurrent_messages_are_one_write_and_no_read(counts: Counts) -> None:
    assert counts["batch"] == {"TransactWriteItems Messages": 1}


def test_a_change_is_encoded_once_for_all_connections(counts: Counts) -> None:
    assert counts["encoded"] == MEMBERS
    assert counts["frames a connection"] == MEMBERS


def test_a_connection_costs_three_reads_and_the_first_of_a_room_four(counts: Counts) -> None:
    """Of the ids of the user's groups, the revision of their own events, and the groups."""
    again = {"GetItem Groups": 1, "GetItem Users": 1, "BatchGetItem Groups": 1}
    assert counts["connect again"] == again
    assert counts["connect"] == {**again, "Query Messages": 1}


def test_clients_that_resume_together_share_their_reads(counts: Counts) -> None:
    """The log's head and the missed changes are read once, and the memberships a hundred rows at a time."""
    assert counts["resume"]["Query Messages"] <= 2
    assert sum(count for request, count in counts["resume"].items() if "Groups" in request) <= RESUMED / 4


def test_typing_that_is_not_published_reads_nothing(counts: Counts) -> None:
    assert counts["unpublished typing"] == {}


def test_a_group_of_thirty_is_created_in_two_writes_and_found_again_by_a_few_reads(counts: Counts) -> None:
    created, again = counts["create group"], counts["create group again"]
    assert sum(count for request, count in created.items() if "Transact" in request) == 2
    assert sum(created.values()) <= 10
    assert sum(again.values()) <= 4
    assert not [request for request in again if "Put" in request or "Transact" in request]


def test_a_group_is_read_with_its_end_by_few_requests(counts: Counts) -> None:
    """Its row and the reader's own together, and the log's end."""
    assert counts["read a group"] == {"BatchGetItem Groups": 1, "Query Messages": 1}


def test_a_page_of_messages_is_read_with_the_logs_end_by_one_query(counts: Counts) -> None:
    """And the reader's row before it."""
    assert counts["read a page"] == {"GetItem Groups": 1, "Query Messages": 1}


def test_the_first_unread_is_read_with_what_lies_around_it_by_few_requests(counts: Counts) -> None:
    """The reader's row and their mark; where the unread begin, and what lies before and after that."""
    around = counts["read around"]
    assert around.pop("GetItem Groups") <= 2
    assert around.pop("Query Messages") <= 4
    assert around == {}


def test_the_count_of_the_inbox_costs_a_page_few_requests(counts: Counts) -> None:
    """The items; the ids of the groups; the marks of groups and threads, and which threads are followed, together."""
    count = counts["inbox count"]
    assert count.pop("Query Users") == 1
    assert count.pop("BatchGetItem Groups") <= 2
    assert count.pop("GetItem Groups", 0) <= 1
    assert count == {}


def test_a_draft_costs_one_write(counts: Counts) -> None:
    """And two reads, of the membership and of the draft; the first of all, one of the user's drafts."""
    assert counts["write a draft"] == {**counts["write it again"], "Query Users": 1}
    # What is told to the other devices counts up the user's revision, in the background.
    assert counts["write it again"] == {"GetItem Groups": 1, "GetItem Users": 1, "UpdateItem Users": 2}


def test_a_list_of_groups_is_four_requests_however_many_they_are(counts: Counts) -> None:
    """The revision of the user's own events, the user's rows, the groups, and their logs' ends."""
    assert sum(counts["list groups"].values()) <= 4


def test_a_key_costs_two_writes_and_a_repeated_one_none(counts: Counts) -> None:
    """Only requests with an Idempotency-Key: a condition that fails, and the reads of why."""
    assert counts["answer once"] == {"UpdateItem Users": 2}
    assert counts["answer again"] == {"UpdateItem Users": 1, "GetItem Users": 2}


def test_a_search_of_users_is_one_query_of_each_partition_and_one_read(counts: Counts) -> None:
    """Of the keys by which they are found, and then of the people; the list of all has them in its index."""
    assert counts["search"] == {"Query Users": SHARDS, "BatchGetItem Users": 1}
    assert counts["list people"] == {"Query Users": SHARDS}


def test_a_new_user_and_a_rename_are_one_write_and_a_status_too(counts: Counts) -> None:
    """Of a rename, the profile is read before and after."""
    assert counts["new user"] == {"TransactWriteItems Users": 1}
    assert counts["rename"] == {"TransactWriteItems Users": 1, "GetItem Users": 2}
    assert counts["set title"] == {"UpdateItem Users": 1, "GetItem Users": 1}
    assert counts["set status"] == {"UpdateItem Users": 1}


def test_a_message_to_fifty_members_makes_few_function_calls(counts: Counts) -> None:
    """Function calls, of Python and of C, on the loop's thread: a measure of CPU time that does not vary.

    Instructions (valgrind) would be finer, but differ from one Python build to the next.
    """
    assert counts["calls a message"] < 400


def test_a_group_is_followed_by_one_read_of_its_log_and_one_write_of_the_place(counts: Counts) -> None:
    """Besides, the first follower reads the authors' marks together, and writes those that nobody has written; that of
    notifications reads the group together with these, and who has the level `all` in it; that of the search reads the
    group too, after it has written, so that nothing of a deleted one stays."""
    follow = dict(counts["follow"])
    assert follow.pop("UpdateItem Groups") <= 1 + MEMBERS
    assert follow == {"GetItem Groups": 2, "Query Messages": 1, "BatchGetItem Groups": 1, "Query Groups": 1}
    # For the first time it looks at all members, once, and notes that it has.
    assert counts["follow first"]["Query Groups"] == 3
    assert counts["follow first"]["TransactWriteItems Groups"] == 1
    assert counts["follow again"] == {"GetItem Groups": 1, "Query Messages": 1}


# --- a user of a thousand groups -------------------------------------------------------------------------------------
@pytest.mark.parametrize(("action", "most"), [("first connect", 60), ("connect", 12), ("list", 12), ("page", 40)])
def test_a_user_of_a_thousand_groups_costs_few_calls(counts: Counts, action: str, most: int) -> None:
    """To DynamoDB and, for the ends of the logs, to Redis: 38, 5, 6 and 11."""
    many = counts["many groups"]
    assert sum(many[action].values()) + many[f"{action}: hints"] <= most, many[action]


def test_muting_one_of_them_is_one_read_and_one_write(counts: Counts) -> None:
    """And the count of the user's revision, in the background."""
    assert counts["many groups"]["mute"] == {
        "BatchGetItem Groups": 1,
        "UpdateItem Groups": 1,
        "UpdateItem Users": 1,
    }


def test_such_a_user_is_in_all_rooms_although_ready_lists_a_page(counts: Counts) -> None:
    many = counts["many groups"]
    assert many["rooms"] == [GROUPS, GROUPS]
    assert max(*many["ready bytes"], many["list bytes"]) <= 64 * 1024
