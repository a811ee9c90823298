"""The invariant checker of the delivery check: correct evidence passes, and each kind of violation is found."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bench.delivery import invariants
from bench.delivery.evidence import Ack, Change, Evidence, ReadMark, Snapshot, TemporaryMembership, UnreadCount
from bench.delivery.invariants import find_violations

pytestmark = pytest.mark.unit

GROUP, START = "group_1", 2
CLIENTS = {"alice's": "alice", "bob's": "bob"}


def message(seq: int, author: str, client_id: str) -> dict[str, Any]:
    return {"id": f"{GROUP}.{seq}", "seq": seq, "userId": author, "clientId": client_id, "content": client_id}


def message_change(seq: int, author: str, client_id: str) -> Change:
    return Change.from_event("message", message(seq, author, client_id))


def member_change(seq: int, role: str | None) -> Change:
    return Change.from_event("member_update", {"seq": seq, "members": [{"userId": "charlie", "role": role}]})


def log() -> list[Change]:
    return [
        message_change(3, "alice", "a1"),
        member_change(4, "member"),
        message_change(5, "bob", "b1"),
        member_change(6, None),
        message_change(7, "alice", "a2"),
    ]


def snapshot() -> Snapshot:
    sent = [message(3, "alice", "a1"), message(5, "bob", "b1"), message(7, "alice", "a2")]
    return Snapshot(START, {each["id"]: each for each in sent})


@pytest.fixture
def evidence() -> Evidence:
    """Correct evidence of two clients that received everything and of charlie, who was a temporary member."""
    return Evidence(
        starts={GROUP: START},
        logs={GROUP: log()},
        received={client: {GROUP: log()} for client in CLIENTS},
        snapshots={client: {GROUP: snapshot()} for client in CLIENTS},
        fresh_snapshots={GROUP: snapshot()},
        acks=[
            Ack(GROUP, author, client_id, f"{GROUP}.{seq}", seq)
            for author, client_id, seq in [("alice", "a1", 3), ("bob", "b1", 5)]
        ],
        read_marks=[
            ReadMark("alice", GROUP, 1.0, 2.0, read=3, requested=3),
            ReadMark("alice", GROUP, 3.0, 4.0, read=5, requested=4),
        ],
        unread_counts=[UnreadCount("alice", GROUP, read=5, unread=1), UnreadCount("bob", GROUP, read=2, unread=3)],
        temporary_memberships=[TemporaryMembership("charlie", GROUP, received=[4, 5, 6])],
    )


def test_correct_evidence_has_no_violations(evidence: Evidence) -> None:
    assert find_violations(evidence) == []


def received_by_bob(evidence: Evidence) -> list[Change]:
    return evidence.received["bob's"][GROUP]


def an_acknowledged_message_is_not_in_the_log(evidence: Evidence) -> None:
    evidence.acks.append(Ack(GROUP, "bob", "b2", f"{GROUP}.8", 8))


def an_acknowledged_message_has_another_seq(evidence: Evidence) -> None:
    evidence.acks.append(Ack(GROUP, "alice", "a2", f"{GROUP}.6", 6))


def a_message_is_stored_twice(evidence: Evidence) -> None:
    for changes in (evidence.logs[GROUP], *(groups[GROUP] for groups in evidence.received.values())):
        changes.append(message_change(8, "alice", "a2"))


def the_log_has_a_gap(evidence: Evidence) -> None:
    for changes in (evidence.logs[GROUP], *(groups[GROUP] for groups in evidence.received.values())):
        del changes[1]


def a_change_was_not_received(evidence: Evidence) -> None:
    del received_by_bob(evidence)[2]


def the_last_change_was_not_received(evidence: Evidence) -> None:
    del received_by_bob(evidence)[-1]


def a_change_was_received_twice(evidence: Evidence) -> None:
    received_by_bob(evidence).append(received_by_bob(evidence)[-1])


def two_changes_were_received_in_reverse_order(evidence: Evidence) -> None:
    changes = received_by_bob(evidence)
    changes[1], changes[2] = changes[2], changes[1]


def a_change_was_received_with_other_content(evidence: Evidence) -> None:
    received_by_bob(evidence)[0] = replace(received_by_bob(evidence)[0], author="bob")


def a_snapshot_is_stale(evidence: Evidence) -> None:
    evidence.snapshots["bob's"][GROUP].messages[f"{GROUP}.3"]["content"] = "before it was edited"


def a_read_mark_went_back(evidence: Evidence) -> None:
    evidence.read_marks.append(ReadMark("alice", GROUP, 5.0, 6.0, read=4))


def a_read_mark_did_not_move(evidence: Evidence) -> None:
    evidence.read_marks.append(ReadMark("alice", GROUP, 5.0, 6.0, read=5, requested=6))


def an_unread_count_is_wrong(evidence: Evidence) -> None:
    evidence.unread_counts.append(UnreadCount("bob", GROUP, read=3, unread=3))


def a_removed_member_received_a_change(evidence: Evidence) -> None:
    evidence.temporary_memberships[0].received.append(7)


def a_client_could_not_resume(evidence: Evidence) -> None:
    evidence.anomalies.append("alice's could not resume")


BROKEN = [
    (an_acknowledged_message_is_not_in_the_log, invariants.LOST),
    (an_acknowledged_message_has_another_seq, invariants.DIFFERENT),
    (a_message_is_stored_twice, invariants.DUPLICATE),
    (the_log_has_a_gap, invariants.ORDER),
    (a_change_was_not_received, invariants.LOST),
    (the_last_change_was_not_received, invariants.LOST),
    (a_change_was_received_twice, invariants.DUPLICATE),
    (two_changes_were_received_in_reverse_order, invariants.ORDER),
    (a_change_was_received_with_other_content, invariants.DIFFERENT),
    (a_snapshot_is_stale, invariants.SNAPSHOT),
    (a_read_mark_went_back, invariants.READ_MARK),
    (a_read_mark_did_not_move, invariants.READ_MARK),
    (an_unread_count_is_wrong, invariants.UNREAD),
    (a_removed_member_received_a_change, invariants.OUTSIDER),
    (a_client_could_not_resume, invariants.ANOMALY),
]


@pytest.mark.parametrize(("tamper", "kind"), BROKEN, ids=lambda argument: getattr(argument, "__name__", None))
def test_each_violation_is_found(evidence: Evidence, tamper: Callable[[Evidence], None], kind: str) -> None:
    tamper(evidence)
    assert kind in {violation.kind for violation in find_violations(evidence)}


# --- what is not a violation -----------------------------------------------------------------------------------------
def test_concurrently_requested_read_marks_have_no_order(evidence: Evidence) -> None:
    evidence.read_marks.append(ReadMark("alice", GROUP, 2.5, 5.0, read=4, requested=4))
    assert find_violations(evidence) == []


def test_a_client_that_was_away_for_too_long_need_not_receive_what_it_skipped(evidence: Evidence) -> None:
    del received_by_bob(evidence)[1:4]
    evidence.snapshots["bob's"][GROUP].messages.clear()
    evidence.skipped = {"bob's": {GROUP: {4, 5, 6}}}
    assert find_violations(evidence) == []


def test_a_user_who_is_added_again_may_receive_everything(evidence: Evidence) -> None:
    for changes in (evidence.logs[GROUP], *(groups[GROUP] for groups in evidence.received.values())):
        changes.append(member_change(8, "member"))
    evidence.temporary_memberships[0].received.append(7)
    assert find_violations(evidence) == []
