"""Correct evidence of a small delivery check, and how a lie is put into it."""

from dataclasses import replace
from typing import Any

from bench.delivery.evidence import (
    Ack,
    Change,
    Evidence,
    Operation,
    ReadMark,
    Send,
    Snapshot,
    TemporaryMembership,
    UnreadCount,
    Upload,
)

GROUP, START = "group_1", 2
HASH = "the hash of the bytes that alice sent"
CLIENTS = {"alice's": "alice", "bob's": "bob"}


def message(seq: int, author: str, client_id: str, **more: Any) -> dict[str, Any]:
    own = {"id": f"{GROUP}.{seq}", "seq": seq, "userId": author, "clientId": client_id, "content": client_id}
    return {**own, "version": 1, **more}


def a1_with_a_file() -> dict[str, Any]:
    attachments = [{"id": "file_1", "metadata": {"sha256": HASH}}]
    return message(3, "alice", "a1", content="a1 edited", version=2, edited=True, attachments=attachments)


def deleted_a2() -> dict[str, Any]:
    return message(7, "alice", "a2", content="", version=2, deleted=True)


def b1() -> dict[str, Any]:
    return message(5, "bob", "b1", reactions=[{"emoji": "👍", "userIds": ["alice"], "count": 1}])


def message_change(seq: int, author: str, client_id: str) -> Change:
    return Change.from_event("message", message(seq, author, client_id))


def member_change(seq: int, role: str | None) -> Change:
    return Change.from_event("member_update", {"seq": seq, "members": [{"userId": "charlie", "role": role}]})


def reaction_change(seq: int, emoji: str, action: str) -> Change:
    data = {"seq": seq, "messageId": f"{GROUP}.5", "userId": "alice", "emoji": emoji, "action": action}
    return Change.from_event("reaction_update", data)


def log() -> list[Change]:
    return [
        message_change(3, "alice", "a1"),
        member_change(4, "member"),
        message_change(5, "bob", "b1"),
        member_change(6, None),
        message_change(7, "alice", "a2"),
        Change.from_event("message_update", {"seq": 8, "message": a1_with_a_file()}),
        Change.from_event("message_delete", {"seq": 9, "messageId": f"{GROUP}.7", "message": deleted_a2()}),
        reaction_change(10, "👍", "add"),
        reaction_change(11, "🎉", "add"),
        reaction_change(12, "🎉", "remove"),
    ]


def snapshot() -> Snapshot:
    return Snapshot(START, {each["id"]: each for each in (a1_with_a_file(), b1(), deleted_a2())})


def sends() -> list[Send]:
    return [
        Send(GROUP, "alice", "a1", "a1", file_ids=("file_1",)),
        Send(GROUP, "bob", "b1", "b1"),
        Send(GROUP, "alice", "a2", "a2"),
    ]


def operations() -> list[Operation]:
    """All were acknowledged, one after the other."""
    alice: dict[str, Any] = {"group_id": GROUP, "user_id": "alice", "acknowledged": True}
    return [
        Operation("edit", message_id=f"{GROUP}.3", content="a1 edited", version=2, **times(5), **alice),
        Operation("delete", message_id=f"{GROUP}.7", seq=9, **times(6), **alice),
        Operation("reaction", message_id=f"{GROUP}.5", emoji="👍", action="add", **times(7), **alice),
        Operation("reaction", message_id=f"{GROUP}.5", emoji="🎉", action="add", **times(8), **alice),
        Operation("reaction", message_id=f"{GROUP}.5", emoji="🎉", action="remove", **times(9), **alice),
    ]


def times(start: float) -> dict[str, Any]:
    return {"requested_at": start, "received_at": start + 0.5}


def correct_evidence() -> Evidence:
    """Correct evidence of two clients that received everything and of charlie, who was a temporary member."""
    evidence = Evidence(
        starts={GROUP: START},
        logs={GROUP: log()},
        received={client: {GROUP: log()} for client in CLIENTS},
        snapshots={client: {GROUP: snapshot()} for client in CLIENTS},
        fresh_snapshots={GROUP: snapshot()},
        sends={(send.author, send.client_id): send for send in sends()},
        acks=[
            Ack(GROUP, author, client_id, f"{GROUP}.{seq}", seq, requested_at=seq, received_at=seq + 0.5)
            for author, client_id, seq in [("alice", "a1", 3), ("bob", "b1", 5), ("alice", "a2", 7)]
        ],
        bursts=[[3, 7]],
        operations=operations(),
        uploads=[Upload("file_1", GROUP, "alice", HASH)],
        stored_files={"file_1": HASH},
        read_marks=[
            ReadMark("alice", GROUP, 1.0, 2.0, read=3, requested=3),
            ReadMark("alice", GROUP, 3.0, 4.0, read=5, requested=4),
        ],
        unread_counts=[UnreadCount("alice", GROUP, read=5, unread=1), UnreadCount("bob", GROUP, read=2, unread=3)],
        temporary_memberships=[TemporaryMembership("charlie", GROUP, received=[4, 5, 6])],
    )
    for each in (message(5, "bob", "b1"), message(7, "alice", "a2"), *snapshot().messages.values()):
        evidence.add_shown("alice's", each)
    return evidence


def everywhere(evidence: Evidence) -> list[list[Change]]:
    """The log and what the clients received: a server that lies lies to all."""
    return [evidence.logs[GROUP], *(groups[GROUP] for groups in evidence.received.values())]


def shown_messages(evidence: Evidence, seq: int) -> list[dict[str, Any]]:
    snapshots = [evidence.fresh_snapshots[GROUP], *(groups[GROUP] for groups in evidence.snapshots.values())]
    return [snapshot.messages[f"{GROUP}.{seq}"] for snapshot in snapshots]


def show_everywhere(evidence: Evidence, seq: int, **fields: Any) -> None:
    """Doctor one message in all snapshots, and show it."""
    for each in shown_messages(evidence, seq):
        each.update(fields)
        evidence.add_shown("bob's", each)


def remove_change(evidence: Evidence, seq: int) -> None:
    """Leave an entry out; those behind it move up."""
    for changes in everywhere(evidence):
        changes[:] = [
            replace(each, seq=each.seq - 1) if each.seq > seq else each for each in changes if each.seq != seq
        ]
