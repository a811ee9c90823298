"""One endpoint for sockets as an AsyncAPI channel: its messages, and the operations of the server on it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .schemas import Schema

# What a message is: a client's event, the acknowledgement of one, or a server's event. An event's name may mean one
# thing from a client and another from the server.
CLIENT, REPLY, SERVER = "client", "reply", "server"


@dataclass
class Channel:
    """Collects messages under `<kind>.<event>`, operations under `<channel>.<kind>.<event>`."""

    name: str
    messages: dict[str, Schema] = field(default_factory=dict)
    operations: dict[str, Schema] = field(default_factory=dict)

    def add_client_event(self, event: str, payload: Schema, summary: str, *, replies: Sequence[str]) -> None:
        """Add an event that clients send; the server responds with one of the messages `replies`."""
        reply = {"channel": self._ref(), "messages": [self._ref(key) for key in replies]}
        self._add(CLIENT, event, payload, summary, action="receive", reply=reply)

    def add_reply(self, event: str, payload: Schema) -> None:
        """Add the acknowledgement of a client's event, which is not an operation of its own."""
        self.messages[f"{REPLY}.{event}"] = {"name": event, "title": f"Acknowledgement of {event}", "payload": payload}

    def add_server_event(self, event: str, payload: Schema, summary: str) -> None:
        self._add(SERVER, event, payload, summary, action="send")

    def _add(self, kind: str, event: str, payload: Schema, summary: str, **operation: Any) -> None:
        key = f"{kind}.{event}"
        self.messages[key] = {"name": event, "title": event, "summary": summary, "payload": payload}
        self.operations[f"{self.name}.{key}"] = {
            "channel": self._ref(),
            "summary": summary,
            "messages": [self._ref(key)],
            **operation,
        }

    def _ref(self, message: str = "") -> Schema:
        path = f"#/channels/{self.name}"
        return {"$ref": f"{path}/messages/{message}" if message else path}
