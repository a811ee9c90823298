"""The judge of the delivery check: honest evidence passes, and each promise that doctored evidence breaks is named."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bench.delivery import judge as verdict
from bench.delivery.evidence import Ack, Count, Evidence, Mark, Picture, Told, Visit
from bench.delivery.judge import judge

pytestmark = pytest.mark.unit

GROUP, START = "group_1", 2
CLIENTS = {"alice's": "alice", "bob's": "bob"}


def message(seq: int, author: str, client_id: str) -> dict[str, Any]:
    return {"id": f"{GROUP}.{seq}", "seq": seq, "userId": author, "clientId": client_id, "content": client_id}


def told_message(seq: int, author: str, client_id: str) -> Told:
    return Told.of("message", message(seq, author, client_id))


def told_member(seq: int, role: str | None) -> Told:
    return Told.of("member_update", {"seq": seq, "members": [{"userId": "charlie", "role": role}]})


def log() -> list[Told]:
    return [
        told_message(3, "alice", "a1"),
        told_member(4, "member"),
        told_message(5, "bob", "b1"),
        told_member(6, None),
        told_message(7, "alice", "a2"),
    ]


def picture() -> Picture:
    sent = [message(3, "alice", "a1"), message(5, "bob", "b1"), message(7, "alice", "a2")]
    return Picture(START, {one["id"]: one for one in sent})


@pytest.fixture
def evidence() -> Evidence:
    """Two clients that saw everything, charlie who came and went, two read marks, and what the server keeps."""
    return Evidence(
        starts={GROUP: START},
        logs={GROUP: log()},
        told={client: {GROUP: log()} for client in CLIENTS},
        pictures={client: {GROUP: picture()} for client in CLIENTS},
        fresh={GROUP: picture()},
        acks=[
            Ack(GROUP, who, name, f"{GROUP}.{seq}", seq) for who, name, seq in [("alice", "a1", 3), ("bob", "b1", 5)]
        ],
        marks=[Mark("alice", GROUP, 1.0, 2.0, read=3, wanted=3), Mark("alice", GROUP, 3.0, 4.0, read=5, wanted=4)],
        counts=[Count("alice", GROUP, read=5, unread=1), Count("bob", GROUP, read=2, unread=3)],
        visits=[Visit("charlie", GROUP, told=[4, 5, 6])],
    )


def test_honest_evidence_passes(evidence: Evidence) -> None:
    assert judge(evidence) == []


def of_bob(evidence: Evidence) -> list[Told]:
    return evidence.told["bob's"][GROUP]


def an_acknowledged_message_is_not_in_the_log(evidence: Evidence) -> None:
    evidence.acks.append(Ack(GROUP, "bob", "b2", f"{GROUP}.8", 8))


def an_acknowledged_message_lies_elsewhere(evidence: Evidence) -> None:
    evidence.acks.append(Ack(GROUP, "alice", "a2", f"{GROUP}.6", 6))


def a_message_is_stored_twice(evidence: Evidence) -> None:
    for known in (evidence.logs[GROUP], *(mine[GROUP] for mine in evidence.told.values())):
        known.append(told_message(8, "alice", "a2"))


def the_log_has_a_hole(evidence: Evidence) -> None:
    for known in (evidence.logs[GROUP], *(mine[GROUP] for mine in evidence.told.values())):
        del known[1]


def a_change_was_never_told(evidence: Evidence) -> None:
    del of_bob(evidence)[2]


def the_last_change_was_never_told(evidence: Evidence) -> None:
    del of_bob(evidence)[-1]


def a_change_was_told_twice(evidence: Evidence) -> None:
    of_bob(evidence).append(of_bob(evidence)[-1])


def two_changes_were_told_the_other_way_round(evidence: Evidence) -> None:
    mine = of_bob(evidence)
    mine[1], mine[2] = mine[2], mine[1]


def one_was_told_something_else(evidence: Evidence) -> None:
    of_bob(evidence)[0] = replace(of_bob(evidence)[0], author="bob")


def a_picture_is_stale(evidence: Evidence) -> None:
    evidence.pictures["bob's"][GROUP].messages[f"{GROUP}.3"]["content"] = "before it was edited"


def a_read_mark_went_back(evidence: Evidence) -> None:
    evidence.marks.append(Mark("alice", GROUP, 5.0, 6.0, read=4))


def a_read_mark_did_not_move(evidence: Evidence) -> None:
    evidence.marks.append(Mark("alice", GROUP, 5.0, 6.0, read=5, wanted=6))


def an_unread_count_is_wrong(evidence: Evidence) -> None:
    evidence.counts.append(Count("bob", GROUP, read=3, unread=3))


def somebody_heard_more_after_leaving(evidence: Evidence) -> None:
    evidence.visits[0].told.append(7)


def a_client_was_sent_away_for_nothing(evidence: Evidence) -> None:
    evidence.oddities.append("alice's had to read everything anew")


BROKEN = [
    (an_acknowledged_message_is_not_in_the_log, verdict.LOST),
    (an_acknowledged_message_lies_elsewhere, verdict.DIFFERENT),
    (a_message_is_stored_twice, verdict.TWICE),
    (the_log_has_a_hole, verdict.ORDER),
    (a_change_was_never_told, verdict.LOST),
    (the_last_change_was_never_told, verdict.LOST),
    (a_change_was_told_twice, verdict.TWICE),
    (two_changes_were_told_the_other_way_round, verdict.ORDER),
    (one_was_told_something_else, verdict.DIFFERENT),
    (a_picture_is_stale, verdict.PICTURE),
    (a_read_mark_went_back, verdict.MARK),
    (a_read_mark_did_not_move, verdict.MARK),
    (an_unread_count_is_wrong, verdict.UNREAD),
    (somebody_heard_more_after_leaving, verdict.OUTSIDER),
    (a_client_was_sent_away_for_nothing, verdict.ODD),
]


@pytest.mark.parametrize(("doctor", "kind"), BROKEN, ids=lambda given: getattr(given, "__name__", None))
def test_a_broken_promise_is_seen(evidence: Evidence, doctor: Callable[[Evidence], None], kind: str) -> None:
    doctor(evidence)
    assert kind in {violation.kind for violation in judge(evidence)}


# --- what must not be taken for a broken promise ---------------------------------------------------------------------
def test_marks_that_were_asked_for_at_once_have_no_order(evidence: Evidence) -> None:
    evidence.marks.append(Mark("alice", GROUP, 2.5, 5.0, read=4, wanted=4))
    assert judge(evidence) == []


def test_who_was_away_for_too_long_need_not_be_told_what_they_read_anew(evidence: Evidence) -> None:
    del of_bob(evidence)[1:4]
    evidence.pictures["bob's"][GROUP].messages.clear()
    evidence.skipped = {"bob's": {GROUP: {4, 5, 6}}}
    assert judge(evidence) == []


def test_who_is_let_in_again_may_hear_everything(evidence: Evidence) -> None:
    for known in (evidence.logs[GROUP], *(mine[GROUP] for mine in evidence.told.values())):
        known.append(told_member(8, "member"))
    evidence.visits[0].told.append(7)
    assert judge(evidence) == []
