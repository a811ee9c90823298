"""What was sent, acknowledged and delivered in a run, by message number; the number is also the acknowledgement id."""

import secrets
from array import array
from time import perf_counter
from typing import Any


class Recorder:
    """Shared by all clients of a run. Times are in seconds; the lists only grow, so that samples can slice them."""

    def __init__(self) -> None:
        # Part of each content, so that messages of an earlier run in the same log are not counted.
        self.run_id = secrets.token_hex(4)
        self.sent_at: list[float] = []
        self.group_of: list[int] = []
        self.acked: list[int] = []
        self.refused = 0
        self.disconnects = 0
        self.last_refusal: Any = None
        self.ack_delays = array("d")
        self.delivery_delays = array("d")
        # A broadcast has the same bytes for all clients: the first one parses it, the others look it up.
        self.number_of: dict[bytes, int] = {}
        self._marker = f"@@{self.run_id}.".encode()

    def new_message(self, group: int) -> int:
        """Record that a message is about to be sent to the group, and return its number."""
        self.group_of.append(group)
        self.sent_at.append(perf_counter())
        return len(self.sent_at) - 1

    def content(self, number: int) -> str:
        """Return the start of a message's content, which `parse` recognizes."""
        return f"@@{self.run_id}.{number}@@"

    def parse(self, payload: bytes) -> int | None:
        """Return the number of the message in a broadcast, or None when it is from another run."""
        start = payload.find(self._marker)
        if start < 0:
            return None
        start += len(self._marker)
        number = self.number_of[payload] = int(payload[start : payload.index(b"@@", start)])
        return number

    @property
    def unanswered(self) -> int:
        return len(self.sent_at) - len(self.acked) - self.refused

    def all_delivered(self, members: int) -> bool:
        """Whether no acknowledgement is missing and each acknowledged message reached this many members."""
        return not self.unanswered and len(self.delivery_delays) >= len(self.acked) * members
