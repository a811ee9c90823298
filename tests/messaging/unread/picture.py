"""A client's own counts of a group, kept as docs/sockets.md tells clients to."""

from collections.abc import Mapping
from typing import Any

from .expected import Counts


class Picture:
    """What a client shows of one group; it has every change after the seq `floor`."""

    def __init__(self, user_id: str, summary: Mapping[str, Any]) -> None:
        self._user_id = user_id
        self._floor = int(summary["head"])
        self._changes: list[Mapping[str, Any]] = []
        self._version = self._mentions_version = -1
        self._head = 0
        self._mentions: list[int] = []
        self._counts = Counts(0)
        assert self.learn(summary)

    @property
    def counts(self) -> Counts:
        counts = self._counts
        return Counts(counts.read, counts.unread, [seq for seq in self._mentions if seq > counts.read], counts.alls)

    def learn(self, state: Mapping[str, Any]) -> bool:
        """Take over a state that the server says; False if the group must be read anew."""
        if (state["version"], state["head"]) <= (self._version, self._head):
            return True
        if state["head"] < self._floor:
            return False
        self._version, self._head = state["version"], state["head"]
        self._counts = Counts(state["read"], state["unread"], [], state["all"])
        for message in self._changes:
            if message["seq"] > state["head"]:
                self._count(message)
        self.learn_mentions(state)
        return True

    def learn_mentions(self, state: Mapping[str, Any]) -> None:
        if state["version"] >= self._mentions_version:
            self._mentions, self._mentions_version = list(state["mentions"]), state["version"]

    def add(self, event: str, data: Mapping[str, Any]) -> None:
        """Apply the next change of the log."""
        change = {**data, "event": event}
        self._changes.append(change)
        if change["seq"] > self._head:
            self._count(change)

    def _count(self, change: Mapping[str, Any]) -> None:
        self._head = change["seq"]
        if change["event"] != "message" or change.get("parentId") or change["seq"] <= self._counts.read:
            return
        if change["userId"] == self._user_id:
            self._counts = Counts(change["seq"])
        else:
            self._counts.unread += 1
            self._counts.alls += change.get("namesAll", False)
