"""Checks the delivery invariants on collected evidence, without any I/O."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from .contents import content_violations
from .evidence import Change, Evidence, ReadMark, Snapshot
from .happened_before import with_reached
from .operations import operation_violations
from .violation import (
    ANOMALY,
    DIFFERENT,
    DUPLICATE,
    LOST,
    ORDER,
    OUTSIDER,
    READ_MARK,
    SNAPSHOT,
    UNREAD,
    Violation,
    abbreviate,
)


def find_violations(evidence: Evidence) -> list[Violation]:
    """Return every violation, the most serious kinds first."""
    return [
        *_acknowledged_messages_are_stored_once(evidence),
        *content_violations(evidence),
        *operation_violations(evidence),
        *_logs_have_no_gaps(evidence),
        *_clients_receive_the_whole_log(evidence),
        *_snapshots_are_current(evidence),
        *_removed_members_receive_nothing(evidence),
        *_read_marks_only_advance(evidence.read_marks),
        *_unread_counts_are_exact(evidence),
        *(Violation(ANOMALY, "client", what) for what in evidence.anomalies),
    ]


def _acknowledged_messages_are_stored_once(evidence: Evidence) -> Iterator[Violation]:
    for group_id, log in evidence.logs.items():
        sends = Counter((change.author, change.client_id) for change in log if change.client_id)
        for (author, client_id), times in sends.items():
            if times > 1:
                yield Violation(DUPLICATE, group_id, f"{author}'s {client_id} is stored {times} times")
        stored = {(change.author, change.client_id): change for change in log if change.client_id}
        for ack in evidence.acks:
            if ack.group_id != group_id:
                continue
            change = stored.get((ack.author, ack.client_id))
            if change is None:
                yield Violation(LOST, group_id, f"{ack.client_id} was acknowledged as {ack.seq} but is not in the log")
            elif (change.message_id, change.seq) != (ack.message_id, ack.seq):
                what = f"{ack.client_id} was acknowledged as {ack.seq} but stored as {change.seq}"
                yield Violation(DIFFERENT, group_id, what)


def _logs_have_no_gaps(evidence: Evidence) -> Iterator[Violation]:
    for group_id, log in evidence.logs.items():
        start = evidence.starts[group_id]
        if [change.seq for change in log] != list(range(start + 1, start + 1 + len(log))):
            yield Violation(ORDER, group_id, "the seqs of the log read over HTTP are not consecutive")


def _clients_receive_the_whole_log(evidence: Evidence) -> Iterator[Violation]:
    for client, groups in evidence.received.items():
        for group_id, received in groups.items():
            skipped = evidence.skipped.get(client, {}).get(group_id, ())
            log = [change for change in evidence.logs[group_id] if change.seq not in skipped]
            if received != log:
                yield from _differences(f"{client} in {group_id}", received, log)


def _differences(where: str, received: list[Change], log: list[Change]) -> Iterator[Violation]:
    times = Counter(change.seq for change in received)
    logged = {change.seq: change for change in log}
    if missing := [seq for seq in logged if seq not in times]:
        yield Violation(LOST, where, f"never received: {abbreviate(missing)}")
    if duplicates := [seq for seq, count in times.items() if count > 1]:
        yield Violation(DUPLICATE, where, f"received more than once: {abbreviate(duplicates)}")
    seqs = [change.seq for change in received]
    if late := [seq for previous, seq in pairwise(seqs) if seq < previous]:
        yield Violation(ORDER, where, f"received after a later change: {abbreviate(late)}")
    if different := [change.seq for change in received if logged.get(change.seq) != change]:
        yield Violation(DIFFERENT, where, f"not what the log contains: {abbreviate(different)}")


def _snapshots_are_current(evidence: Evidence) -> Iterator[Violation]:
    for client, groups in evidence.snapshots.items():
        for group_id, snapshot in groups.items():
            if evidence.skipped.get(client, {}).get(group_id):
                continue
            if stale := list(_stale_messages(snapshot, evidence.fresh_snapshots[group_id])):
                what = f"differs from a fresh snapshot: {abbreviate(stale)}"
                yield Violation(SNAPSHOT, f"{client} in {group_id}", what)


def _stale_messages(snapshot: Snapshot, fresh: Snapshot) -> Iterator[str]:
    for message_id in snapshot.messages.keys() | fresh.messages.keys():
        actual, expected = snapshot.messages.get(message_id), fresh.messages.get(message_id)
        if actual is None or expected is None:
            yield f"{message_id} ({'missing' if actual is None else 'extra'})"
        elif actual != expected:
            fields = {key for key in {**actual, **expected} if actual.get(key) != expected.get(key)}
            yield f"{message_id} ({', '.join(sorted(fields))})"


def _removed_members_receive_nothing(evidence: Evidence) -> Iterator[Violation]:
    for membership in evidence.temporary_memberships:
        user_id, log = membership.user_id, evidence.logs[membership.group_id]
        last = next((change for change in reversed(log) if user_id in change.joined + change.left), None)
        # A request to add the user that hung for long may take effect after the removal: then they are a member.
        if last is None or user_id not in last.left:
            continue
        if after := [seq for seq in membership.received if seq > last.seq]:
            what = f"was removed at {last.seq} and then received {abbreviate(after)}"
            yield Violation(OUTSIDER, f"{user_id} in {membership.group_id}", what)


def _read_marks_only_advance(marks: Iterable[ReadMark]) -> Iterator[Violation]:
    """Compare a mark only with those received before it was requested: concurrent requests have no order."""
    marks_by_member: dict[tuple[str, str], list[ReadMark]] = defaultdict(list)
    for mark in marks:
        marks_by_member[mark.user_id, mark.group_id].append(mark)
    for (user_id, group_id), own_marks in marks_by_member.items():
        for mark, reached in with_reached(own_marks, lambda mark: mark.read):
            if mark.read < max(reached, mark.requested):
                what = f"at {mark.read}, after it was at {reached} and was to move to {mark.requested}"
                yield Violation(READ_MARK, f"{user_id} in {group_id}", what)


def _unread_counts_are_exact(evidence: Evidence) -> Iterator[Violation]:
    for count in evidence.unread_counts:
        log = evidence.logs[count.group_id]
        if count.read >= evidence.starts[count.group_id]:
            expected = sum(change.top_level for change in log if change.seq > count.read)
            if count.unread != expected:
                what = f"{count.unread} unread after {count.read}, expected {expected}"
                yield Violation(UNREAD, f"{count.user_id} in {count.group_id}", what)
