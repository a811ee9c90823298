"""The judge of the delivery check knows each kind of lie about what was sent and acknowledged."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.delivery import violation as kinds
from bench.delivery.evidence import Change, Evidence, Operation
from bench.delivery.invariants import find_violations

from .evidence import (
    GROUP,
    correct_evidence,
    everywhere,
    message,
    reaction_change,
    remove_change,
    show_everywhere,
    shown_messages,
)

pytestmark = pytest.mark.unit


@pytest.fixture
def evidence() -> Evidence:
    return correct_evidence()


def nobody_sent_a_message(evidence: Evidence) -> None:
    del evidence.sends["bob", "b1"]


def nobody_sent_an_edit(evidence: Evidence) -> None:
    del evidence.operations[0]


def nobody_sent_a_deletion(evidence: Evidence) -> None:
    del evidence.operations[1]


def nobody_sent_a_reaction(evidence: Evidence) -> None:
    del evidence.operations[2:]


def nobody_moved_a_member(evidence: Evidence) -> None:
    evidence.temporary_memberships.clear()


def nobody_renamed_the_group(evidence: Evidence) -> None:
    for changes in everywhere(evidence):
        changes.append(Change(13, "group_update"))


def a_message_is_in_another_group(evidence: Evidence) -> None:
    evidence.sends["bob", "b1"] = replace(evidence.sends["bob", "b1"], group_id="group_2")


def a_message_has_another_author(evidence: Evidence) -> None:
    show_everywhere(evidence, 5, userId="alice")


def a_message_has_another_parent(evidence: Evidence) -> None:
    show_everywhere(evidence, 5, parentId=f"{GROUP}.3")


def a_message_has_other_content_everywhere(evidence: Evidence) -> None:
    for each in shown_messages(evidence, 5):
        each["content"] = "1b"
    evidence.shown.clear()
    evidence.add_shown("bob's", shown_messages(evidence, 5)[0])


def one_client_was_shown_other_content(evidence: Evidence) -> None:
    evidence.add_shown("bob's", message(5, "bob", "b1", content="1b"))


def a_message_lost_its_file(evidence: Evidence) -> None:
    show_everywhere(evidence, 3, attachments=[])


def a_message_is_not_on_any_page(evidence: Evidence) -> None:
    del evidence.fresh_snapshots[GROUP].messages[f"{GROUP}.5"]


def an_acknowledged_edit_is_not_stored(evidence: Evidence) -> None:
    remove_change(evidence, 8)
    show_everywhere(evidence, 3, content="a1", version=1)


def one_of_two_acknowledged_edits_is_not_stored(evidence: Evidence) -> None:
    first = evidence.operations[0]
    evidence.operations.append(replace(first, content="again", version=3))


def two_edits_were_acknowledged_as_one_version(evidence: Evidence) -> None:
    evidence.operations.append(replace(evidence.operations[0], content="again"))


def an_edit_shows_what_another_said(evidence: Evidence) -> None:
    evidence.operations.append(replace(evidence.operations[0], content="again", acknowledged=False, version=0))
    evidence.shown.clear()
    show_everywhere(evidence, 3, content="again")


def an_edit_is_stored_twice(evidence: Evidence) -> None:
    for changes in everywhere(evidence):
        changes.append(replace(changes[5], seq=13))


def an_acknowledged_deletion_is_not_stored(evidence: Evidence) -> None:
    evidence.operations.append(Operation("delete", GROUP, "bob", f"{GROUP}.5", acknowledged=True, seq=13))


def a_deleted_message_came_back(evidence: Evidence) -> None:
    show_everywhere(evidence, 7, deleted=False, content="a2", version=1)


def a_deleted_message_still_shows_its_content(evidence: Evidence) -> None:
    show_everywhere(evidence, 7, content="a2")


def a_message_is_deleted_twice(evidence: Evidence) -> None:
    for changes in everywhere(evidence):
        changes.append(replace(changes[6], seq=13))


def an_acknowledged_reaction_is_not_stored(evidence: Evidence) -> None:
    remove_change(evidence, 10)
    for each in shown_messages(evidence, 5):
        del each["reactions"]


def a_removed_reaction_is_still_there(evidence: Evidence) -> None:
    remove_change(evidence, 12)
    both = [{"emoji": emoji, "userIds": ["alice"], "count": 1} for emoji in ("👍", "🎉")]
    show_everywhere(evidence, 5, reactions=both)


def a_reaction_is_in_the_log_and_not_on_the_message(evidence: Evidence) -> None:
    for each in shown_messages(evidence, 5):
        del each["reactions"]


def a_reaction_is_stored_twice(evidence: Evidence) -> None:
    for changes in everywhere(evidence):
        changes.append(replace(changes[7], seq=13))


def a_sender_s_messages_changed_places(evidence: Evidence) -> None:
    evidence.acks[0], evidence.acks[2] = (
        replace(evidence.acks[0], requested_at=7.0, received_at=7.5),
        replace(evidence.acks[2], requested_at=3.0, received_at=3.5),
    )


def a_burst_changed_places(evidence: Evidence) -> None:
    evidence.bursts.append([7, 5])


def an_acknowledged_file_is_gone(evidence: Evidence) -> None:
    evidence.stored_files["file_1"] = None


def an_acknowledged_file_has_other_bytes(evidence: Evidence) -> None:
    evidence.stored_files["file_1"] = "another hash"


def a_message_shows_another_file_s_hash(evidence: Evidence) -> None:
    show_everywhere(evidence, 3, attachments=[{"id": "file_1", "metadata": {"sha256": "another hash"}}])


LIES = [
    (nobody_sent_a_message, kinds.UNSENT),
    (nobody_sent_an_edit, kinds.UNSENT),
    (nobody_sent_a_deletion, kinds.UNSENT),
    (nobody_sent_a_reaction, kinds.UNSENT),
    (nobody_moved_a_member, kinds.UNSENT),
    (nobody_renamed_the_group, kinds.UNSENT),
    (a_message_is_in_another_group, kinds.UNSENT),
    (a_message_has_another_author, kinds.DIFFERENT),
    (a_message_has_another_parent, kinds.DIFFERENT),
    (a_message_has_other_content_everywhere, kinds.DIFFERENT),
    (one_client_was_shown_other_content, kinds.DIFFERENT),
    (a_message_lost_its_file, kinds.DIFFERENT),
    (a_message_is_not_on_any_page, kinds.LOST),
    (an_acknowledged_edit_is_not_stored, kinds.LOST),
    (one_of_two_acknowledged_edits_is_not_stored, kinds.LOST),
    (two_edits_were_acknowledged_as_one_version, kinds.LOST),
    (an_edit_shows_what_another_said, kinds.DIFFERENT),
    (an_edit_is_stored_twice, kinds.UNSENT),
    (an_acknowledged_deletion_is_not_stored, kinds.LOST),
    (a_deleted_message_came_back, kinds.LOST),
    (a_deleted_message_still_shows_its_content, kinds.DIFFERENT),
    (a_message_is_deleted_twice, kinds.DUPLICATE),
    (an_acknowledged_reaction_is_not_stored, kinds.LOST),
    (a_removed_reaction_is_still_there, kinds.LOST),
    (a_reaction_is_in_the_log_and_not_on_the_message, kinds.DIFFERENT),
    (a_reaction_is_stored_twice, kinds.DUPLICATE),
    (a_sender_s_messages_changed_places, kinds.ORDER),
    (a_burst_changed_places, kinds.ORDER),
    (an_acknowledged_file_is_gone, kinds.LOST),
    (an_acknowledged_file_has_other_bytes, kinds.DIFFERENT),
    (a_message_shows_another_file_s_hash, kinds.DIFFERENT),
]


@pytest.mark.parametrize(("tell", "kind"), LIES, ids=lambda argument: getattr(argument, "__name__", None))
def test_each_lie_is_found(evidence: Evidence, tell: Callable[[Evidence], None], kind: str) -> None:
    tell(evidence)
    assert kind in {violation.kind for violation in find_violations(evidence)}


# --- what is not a violation -----------------------------------------------------------------------------------------
def test_an_unacknowledged_change_may_have_happened_or_not(evidence: Evidence) -> None:
    edit = Operation("edit", GROUP, "bob", f"{GROUP}.5", content="b1 edited", requested_at=9.0)
    reaction = Operation("reaction", GROUP, "alice", f"{GROUP}.5", emoji="👍", action="remove", requested_at=2.0)
    evidence.operations += [edit, reaction]
    assert find_violations(evidence) == []
    for changes in everywhere(evidence):
        changes += [Change(13, "message_update", f"{GROUP}.5"), reaction_change(14, "👍", "remove")]
    show_everywhere(evidence, 5, content="b1 edited", version=2)
    for each in shown_messages(evidence, 5):
        del each["reactions"]
    assert find_violations(evidence) == []


def test_the_file_of_a_deleted_message_may_be_gone(evidence: Evidence) -> None:
    evidence.operations.append(Operation("delete", GROUP, "alice", f"{GROUP}.3"))
    evidence.stored_files["file_1"] = None
    assert find_violations(evidence) == []
