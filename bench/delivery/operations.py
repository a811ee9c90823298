"""Checks that every acknowledged edit, deletion and reaction is kept, once, and that none appears by itself."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from .evidence import Evidence, Operation
from .violation import DIFFERENT, DUPLICATE, LOST, UNSENT, Violation

# The message, who reacted, and with what.
ReactionKey = tuple[str, str, str]


def operation_violations(evidence: Evidence) -> Iterator[Violation]:
    yield from _edits_are_kept_once(evidence)
    yield from _deletions_are_final(evidence)
    yield from _reactions_are_kept(evidence)


def _of_kind(evidence: Evidence, kind: str) -> dict[str, list[Operation]]:
    """Return what was requested and not refused, by message id."""
    operations = defaultdict(list)
    for operation in evidence.operations:
        if operation.kind == kind and not operation.refused:
            operations[operation.message_id].append(operation)
    return operations


def _logged(evidence: Evidence, event: str) -> Counter[str]:
    """Return how many entries of this kind each message has."""
    return Counter(change.message_id for log in evidence.logs.values() for change in log if change.event == event)


def _message(evidence: Evidence, group_id: str, message_id: str) -> dict[str, Any] | None:
    return evidence.fresh_snapshots[group_id].messages.get(message_id)


def _edits_are_kept_once(evidence: Evidence) -> Iterator[Violation]:
    logged, requested = _logged(evidence, "message_update"), _of_kind(evidence, "edit")
    for message_id in logged.keys() | requested.keys():
        edits = requested.get(message_id, [])
        acknowledged = [edit for edit in edits if edit.acknowledged]
        if logged[message_id] < len(acknowledged):
            what = f"{len(acknowledged)} edits were acknowledged, {logged[message_id]} are in the log"
            yield Violation(LOST, message_id, what)
        if logged[message_id] > len(edits):
            yield Violation(UNSENT, message_id, f"{logged[message_id]} edits are in the log, {len(edits)} were sent")
        versions = Counter(edit.version for edit in acknowledged)
        if repeated := [version for version, count in versions.items() if count > 1]:
            yield Violation(LOST, message_id, f"several edits were acknowledged as version {repeated[0]}")
        for edit in acknowledged[:1]:
            message, last = _message(evidence, edit.group_id, message_id), max(versions)
            if message and message["version"] < last:
                what = f"version {last} was acknowledged, and the message is version {message['version']}"
                yield Violation(LOST, message_id, what)


def _deletions_are_final(evidence: Evidence) -> Iterator[Violation]:
    logged = _logged(evidence, "message_delete")
    deleted_at = {
        change.message_id: change.seq
        for log in evidence.logs.values()
        for change in log
        if change.event == "message_delete"
    }
    for message_id, times in logged.items():
        if times > 1:
            yield Violation(DUPLICATE, message_id, f"it is deleted {times} times")
    for message_id, deletions in _of_kind(evidence, "delete").items():
        for deletion in deletions:
            if not deletion.acknowledged:
                continue
            message = _message(evidence, deletion.group_id, message_id)
            if deleted_at.get(message_id) != deletion.seq or (message and not message.get("deleted")):
                yield Violation(LOST, message_id, f"its deletion was acknowledged as {deletion.seq}")
            if message and any(message.get(field) for field in ("content", "attachments", "reactions")):
                yield Violation(DIFFERENT, message_id, "it was deleted, and still shows something")


def _reactions_are_kept(evidence: Evidence) -> Iterator[Violation]:
    requested: dict[ReactionKey, list[Operation]] = defaultdict(list)
    for operations in _of_kind(evidence, "reaction").values():
        for each in operations:
            requested[each.message_id, each.user_id, each.emoji].append(each)
    stored: set[ReactionKey] = set()
    for group_id in evidence.logs:
        yield from _replay(group_id, _log_reactions(evidence, group_id), stored)
    shown, deleted = _shown_reactions(evidence)
    for key in requested.keys() | stored | shown:
        if key[0] in deleted:
            continue
        if (key in stored) != (key in shown):
            yield Violation(DIFFERENT, key[0], f"the log and the message differ about {key[2]} of {key[1]}")
        if (key in shown) not in _possible_states(requested.get(key, [])):
            kind = LOST if requested.get(key) else UNSENT
            yield Violation(kind, key[0], f"{key[2]} of {key[1]} is {'there' if key in shown else 'not there'}")


def _log_reactions(evidence: Evidence, group_id: str) -> Iterator[tuple[int, ReactionKey, bool]]:
    """Yield the seq of each reaction in the group's log, whose it is, and whether it was added."""
    for change in evidence.logs[group_id]:
        if change.reaction:
            user_id, emoji, action = change.reaction
            yield change.seq, (change.message_id, user_id, emoji), action == "add"


def _replay(
    group_id: str, reactions: Iterator[tuple[int, ReactionKey, bool]], stored: set[ReactionKey]
) -> Iterator[Violation]:
    """Apply a log's reactions to `stored`; each must change something."""
    for seq, key, added in reactions:
        if added == (key in stored):
            yield Violation(DUPLICATE, group_id, f"{seq} repeats the reaction {key}")
        (stored.add if added else stored.discard)(key)


def _shown_reactions(evidence: Evidence) -> tuple[set[ReactionKey], set[str]]:
    """Return the reactions that the messages show at the end, and the ids of deleted messages."""
    shown, deleted = set(), set()
    for snapshot in evidence.fresh_snapshots.values():
        for message_id, message in snapshot.messages.items():
            if message.get("deleted"):
                deleted.add(message_id)
            for reaction in message.get("reactions", ()):
                shown |= {(message_id, user_id, reaction["emoji"]) for user_id in reaction["userIds"]}
    return shown, deleted


def _possible_states(operations: list[Operation]) -> set[bool]:
    """Return whether the reaction may be there, and may not be: what a request did holds until one that came after it.

    Concurrent requests have no order, and one without a response may happen at any time, or never.
    """
    last_request = max((each.requested_at for each in operations if each.acknowledged), default=-1.0)
    states = {each.action == "add" for each in operations if each.received_at >= last_request}
    return states if last_request >= 0 else states | {False}
