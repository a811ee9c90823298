"""Checks that the log and every message say what was sent, no more and no less."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from .evidence import Ack, Change, Evidence, Operation, Send, Shown, Upload
from .happened_before import with_reached
from .violation import DIFFERENT, DUPLICATE, LOST, ORDER, UNSENT, Violation


def content_violations(evidence: Evidence) -> Iterator[Violation]:
    yield from _logs_hold_only_what_was_sent(evidence)
    yield from _messages_are_as_they_were_sent(evidence)
    yield from _versions_say_what_was_sent(evidence)
    yield from _senders_keep_their_order(evidence)
    yield from _files_are_kept(evidence)


def messages_in(evidence: Evidence) -> Iterator[tuple[str, Change]]:
    """Yield each message of the logs with its group's id."""
    for group_id, log in evidence.logs.items():
        for change in log:
            if change.event == "message":
                yield group_id, change


def _logs_hold_only_what_was_sent(evidence: Evidence) -> Iterator[Violation]:
    requested = {(each.kind, each.message_id) for each in evidence.operations}
    kinds = {"message_update": "edit", "message_delete": "delete", "reaction_update": "reaction"}
    temporary = {(each.group_id, each.user_id) for each in evidence.temporary_memberships}
    for group_id, log in evidence.logs.items():
        for change in log:
            if change.event == "message":
                send = evidence.sends.get((change.author, change.client_id))
                known = send is not None and send.group_id == group_id
            elif change.event == "member_update":
                known = all((group_id, user_id) in temporary for user_id in change.joined + change.left)
            else:
                known = (kinds.get(change.event), change.message_id) in requested
            if not known:
                what = f"{change.seq} is {change.author or 'somebody'}'s {change.event} {change.client_id}, never sent"
                yield Violation(UNSENT, group_id, what)


def _messages_are_as_they_were_sent(evidence: Evidence) -> Iterator[Violation]:
    for group_id, change in messages_in(evidence):
        send = evidence.sends.get((change.author, change.client_id))
        message = evidence.fresh_snapshots[group_id].messages.get(change.message_id)
        if message is None:
            yield Violation(LOST, group_id, f"{change.message_id} is in the log, and not among the messages")
        elif send and (difference := _difference(send, message)):
            yield Violation(DIFFERENT, group_id, f"{change.client_id} was sent with another {difference}")


def _difference(send: Send, message: dict[str, Any]) -> str | None:
    if message["userId"] != send.author:
        return "author"
    if message.get("parentId") != send.parent_id:
        return "parent"
    file_ids = tuple(file["id"] for file in message.get("attachments", ()))
    return "list of files" if not message.get("deleted") and file_ids != send.file_ids else None


def _versions_say_what_was_sent(evidence: Evidence) -> Iterator[Violation]:
    """Whatever anybody was shown of a version is the same, and what its author sent."""
    sends = {
        change.message_id: send
        for _, change in messages_in(evidence)
        if (send := evidence.sends.get((change.author, change.client_id)))
    }
    uploads = {upload.file_id: upload for upload in evidence.uploads}
    changes: dict[str, list[Operation]] = defaultdict(list)
    for operation in evidence.operations:
        if operation.kind != "reaction":
            changes[operation.message_id].append(operation)
    for (message_id, version), texts in evidence.shown.items():
        if len(texts) > 1:
            yield Violation(
                DIFFERENT, " and ".join(texts.values()), f"{message_id} v{version} has {len(texts)} contents"
            )
        send = sends.get(message_id)
        if send is None:  # older than the run, or reported as never sent
            continue
        for shown, where in texts.items():
            if fault := _fault(shown, version, send, changes[message_id], uploads):
                yield Violation(fault, where, f"{message_id} v{version} says {shown.content[:80]!r}")


def _fault(shown: Shown, version: int, send: Send, changes: list[Operation], uploads: dict[str, Upload]) -> str | None:
    if shown.deleted:
        if shown.content or shown.files:
            return DIFFERENT
        return None if any(each.kind == "delete" for each in changes) else UNSENT
    if any(uploads[file_id].sha256 != sha256 for file_id, sha256 in shown.files if file_id in uploads):
        return DIFFERENT
    if version == 1:
        return None if shown.content == send.content else DIFFERENT
    edits = [each for each in changes if each.kind == "edit"]
    if any(edit.version == version and edit.content != shown.content for edit in edits):
        return DIFFERENT
    return None if any(edit.content == shown.content for edit in edits) else UNSENT


def _senders_keep_their_order(evidence: Evidence) -> Iterator[Violation]:
    """What was acknowledged before the next message was sent comes before it, and so does what one burst sent first."""
    by_sender: dict[tuple[str, str], list[Ack]] = defaultdict(list)
    for ack in evidence.acks:
        by_sender[ack.group_id, ack.author].append(ack)
    for (group_id, author), acks in by_sender.items():
        for ack, reached in with_reached(acks, lambda ack: ack.seq):
            if ack.seq <= reached:
                what = f"{author} sent {ack.client_id} after {reached} was acknowledged, and it is {ack.seq}"
                yield Violation(ORDER, group_id, what)
    for seqs in evidence.bursts:
        if seqs != sorted(seqs):
            yield Violation(ORDER, "burst", f"messages sent one after the other are {seqs}")


def _files_are_kept(evidence: Evidence) -> Iterator[Violation]:
    deleted_messages = {each.message_id for each in evidence.operations if each.kind == "delete"}
    may_be_gone = {
        file_id
        for _, change in messages_in(evidence)
        if change.message_id in deleted_messages and (change.author, change.client_id) in evidence.sends
        for file_id in evidence.sends[change.author, change.client_id].file_ids
    }
    owners: dict[str, str] = {}
    for send in evidence.sends.values():
        for file_id in send.file_ids:
            if owners.setdefault(file_id, send.client_id) != send.client_id:
                yield Violation(DUPLICATE, send.group_id, f"{file_id} was sent in two messages")
    for upload in evidence.uploads:
        sha256 = evidence.stored_files.get(upload.file_id)
        if sha256 is None:
            if upload.file_id not in may_be_gone:
                yield Violation(LOST, upload.group_id, f"{upload.file_id} was acknowledged, and is gone")
        elif sha256 != upload.sha256:
            yield Violation(DIFFERENT, upload.group_id, f"{upload.file_id} has other bytes than were sent")
