"""What was sent, acknowledged and delivered in a run; each message has a number, also its acknowledgement id."""

import secrets
from array import array
from time import perf_counter
from typing import Any


class Notes:
    """Shared by all clients of a run. Times are in seconds; the lists are read by position, so nothing is taken out."""

    def __init__(self) -> None:
        # Part of each content, so that what an earlier run left in a log is not taken for this one's.
        self.run = secrets.token_hex(4)
        self.sent_at: list[float] = []
        self.group_of: list[int] = []
        self.acked: list[int] = []
        self.refused = 0
        self.disconnects = 0
        self.last_refusal: Any = None
        self.ack_delays = array("d")
        self.delivery_delays = array("d")
        # A broadcast has the same bytes for everybody: they are parsed once, and known by themselves from then on.
        self.number_of: dict[bytes, int] = {}
        self._marker = f"@@{self.run}.".encode()

    def new_message(self, group: int) -> int:
        """Note that a message is about to be sent to the group, and return its number."""
        self.group_of.append(group)
        self.sent_at.append(perf_counter())
        return len(self.sent_at) - 1

    def content(self, number: int) -> str:
        """Return the start of a message's content, by which it is known again."""
        return f"@@{self.run}.{number}@@"

    def read(self, payload: bytes) -> int | None:
        """Return the number of the message that a broadcast carries, or None: it is not one of this run."""
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
        """Whether every message was answered, and each acknowledged one came to so many members."""
        return not self.unanswered and len(self.delivery_delays) >= len(self.acked) * members
