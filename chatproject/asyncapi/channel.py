"""One socket door as AsyncAPI sees it: its messages, and what the server receives and sends there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .schemas import Schema

# Which side a message comes from; the same event name may mean one thing from a client and another from the server.
CLIENT, ANSWER, SERVER = "client", "answer", "server"


@dataclass
class Channel:
    """Messages are filed as `<side>.<event>`, operations as `<channel>.<side>.<event>`."""

    name: str
    messages: dict[str, Schema] = field(default_factory=dict)
    operations: dict[str, Schema] = field(default_factory=dict)

    def receives(self, event: str, payload: Schema, says: str, *, replies: Sequence[str]) -> None:
        """A client sends this, and the server says one of `replies` to it."""
        reply = {"channel": self._ref(), "messages": [self._ref(key) for key in replies]}
        self._add(CLIENT, event, payload, says, action="receive", reply=reply)

    def answers(self, event: str, payload: Schema) -> None:
        """This acknowledges a client's event; it is no operation of its own."""
        self.messages[f"{ANSWER}.{event}"] = {"name": event, "title": f"Answer to {event}", "payload": payload}

    def sends(self, event: str, payload: Schema, says: str) -> None:
        self._add(SERVER, event, payload, says, action="send")

    def _add(self, side: str, event: str, payload: Schema, says: str, **operation: Any) -> None:
        key = f"{side}.{event}"
        self.messages[key] = {"name": event, "title": event, "summary": says, "payload": payload}
        self.operations[f"{self.name}.{key}"] = {
            "channel": self._ref(),
            "summary": says,
            "messages": [self._ref(key)],
            **operation,
        }

    def _ref(self, message: str = "") -> Schema:
        path = f"#/channels/{self.name}"
        return {"$ref": f"{path}/messages/{message}" if message else path}
