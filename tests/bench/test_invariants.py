"""The invariant checker of the delivery check: correct evidence passes, and each kind of violation is found."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.delivery import violation as kinds
from bench.delivery.evidence import Ack, Change, Evidence, ReadMark, UnreadCount
from bench.delivery.invariants import find_violations

from .evidence import GROUP, correct_evidence, everywhere, member_change, message_change

pytestmark = pytest.mark.unit


@pytest.fixture
def evidence() -> Evidence:
    return correct_evidence()


def test_correct_evidence_has_no_violations(evidence: Evidence) -> None:
    assert find_violations(evidence) == []


def received_by_bob(evidence: Evidence) -> list[Change]:
    return evidence.received["bob's"][GROUP]


def an_acknowledged_message_is_not_in_the_log(evidence: Evidence) -> None:
    evidence.acks.append(Ack(GROUP, "bob", "b2", f"{GROUP}.13", 13))


def an_acknowledged_message_has_another_seq(evidence: Evidence) -> None:
    evidence.acks.append(Ack(GROUP, "alice", "a2", f"{GROUP}.6", 6))


def a_message_is_stored_twice(evidence: Evidence) -> None:
    for changes in everywhere(evidence):
        changes.append(message_change(13, "alice", "a2"))


def the_log_has_a_gap(evidence: Evidence) -> None:
    for changes in everywhere(evidence):
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
    (an_acknowledged_message_is_not_in_the_log, kinds.LOST),
    (an_acknowledged_message_has_another_seq, kinds.DIFFERENT),
    (a_message_is_stored_twice, kinds.DUPLICATE),
    (the_log_has_a_gap, kinds.ORDER),
    (a_change_was_not_received, kinds.LOST),
    (the_last_change_was_not_received, kinds.LOST),
    (a_change_was_received_twice, kinds.DUPLICATE),
    (two_changes_were_received_in_reverse_order, kinds.ORDER),
    (a_change_was_received_with_other_content, kinds.DIFFERENT),
    (a_snapshot_is_stale, kinds.SNAPSHOT),
    (a_read_mark_went_back, kinds.READ_MARK),
    (a_read_mark_did_not_move, kinds.READ_MARK),
    (an_unread_count_is_wrong, kinds.UNREAD),
    (a_removed_member_received_a_change, kinds.OUTSIDER),
    (a_client_could_not_resume, kinds.ANOMALY),
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
    for changes in everywhere(evidence):
        changes.append(member_change(13, "member"))
    evidence.temporary_memberships[0].received.append(7)
    assert find_violations(evidence) == []
