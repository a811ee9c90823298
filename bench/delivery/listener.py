"""What a chat client receives on one connection after another, recorded as evidence."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .evidence import CHANGE_EVENTS, Change, Evidence, ReadMark, Snapshot
from .transports import TIMEOUT, TRANSPORT_FACTORIES, ConnectionLost, Transport

# A client that missed at most this many changes receives them all when it reconnects (docs/sockets.md).
RESUMABLE = 1000


@dataclass(frozen=True)
class User:
    id: str
    token: str


def _clock() -> str:
    """Return the time of day as the servers' logs have it."""
    return datetime.now().strftime("%H:%M:%S.%f")[:-3]


class Listener:
    """Maintains a snapshot of each of its user's groups from events alone, and records all it receives as evidence."""

    def __init__(
        self,
        name: str,
        user: User,
        starts: dict[str, int],
        *,
        urls: Sequence[str],
        evidence: Evidence,
        seed: int,
    ) -> None:
        self.name, self.user = name, user
        self.positions = dict(starts)
        self.snapshots = evidence.snapshots[name] = {group_id: Snapshot(seq) for group_id, seq in starts.items()}
        self.received = evidence.received[name] = {group_id: [] for group_id in starts}
        self._skipped = evidence.skipped[name] = defaultdict(set)
        self.stats: Counter[str] = Counter()
        self._urls, self._evidence = urls, evidence
        self._random = random.Random(seed)
        self._transport: Transport | None = None
        self._ready = asyncio.Event()
        self._recording = True
        self._connecting_since = 0.0
        # What the present connection began with, to explain a gap: its transport and what `ready` said of each group.
        self._connection, self._resumed = "", dict[str, Any]()

    async def _connect(self) -> None:
        name, url = self._random.choice(list(TRANSPORT_FACTORIES)), self._random.choice(self._urls)
        self._ready.clear()
        self._connecting_since = time.monotonic()
        self._connection, self._resumed = f"{name} since {_clock()} from {self.positions}", {}
        transport = TRANSPORT_FACTORIES[name](lambda event, *data: self._on_event(transport, event, *data))
        self._transport = transport
        await transport.open(url, {"token": self.user.token, "since": self.positions})
        await self._wait_until_ready(transport)
        self.stats[name] += 1

    async def _wait_until_ready(self, transport: Transport) -> None:
        ready, lost = asyncio.create_task(self._ready.wait()), asyncio.create_task(transport.lost.wait())
        await asyncio.wait({ready, lost}, timeout=TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
        for task in (ready, lost):
            task.cancel()
        if not self._ready.is_set():
            raise ConnectionLost

    async def _disconnect(self, *, gracefully: bool = False) -> None:
        transport, self._transport = self._transport, None
        if transport:
            await (transport.close() if gracefully else transport.drop())

    # --- receiving ---------------------------------------------------------------------------------------------------
    def _on_event(self, transport: Transport, event: str, data: Any = None) -> None:
        if transport is not self._transport or not self._recording:
            return
        if event == "ready":
            self._on_ready(data)
        elif event in CHANGE_EVENTS:
            group_id = data["groupId"]
            if group_id not in self.received:
                return
            self._check_gap(group_id, event, data["seq"])
            self.received[group_id].append(Change.from_event(event, data))
            self._evidence.add_shown(self.name, data)
            self.snapshots[group_id].apply(event, data)
            self.positions[group_id] = max(self.positions[group_id], data["seq"])

    def _check_gap(self, group_id: str, event: str, seq: int) -> None:
        """Report changes that were left out at once, with what is needed to find the reason in the servers' logs."""
        if seq > self.positions[group_id] + 1:
            what = f"went from {self.positions[group_id]} to {seq} ({event}) in {group_id} at {_clock()}"
            self._report_anomaly(f"{what}; connected by {self._connection}, resumed {self._resumed}")

    def stop_recording(self) -> None:
        """Ignore all further events."""
        self._recording = False

    def _on_ready(self, ready: dict[str, Any]) -> None:
        received_at = time.monotonic()
        self._resumed = {group["id"]: (ready["resumed"].get(group["id"]), group["head"]) for group in ready["groups"]}
        for group in ready["groups"]:
            if group["id"] not in self.positions:
                continue
            mark = ReadMark(self.user.id, group["id"], self._connecting_since, received_at, group["read"])
            self._evidence.read_marks.append(mark)
            if ready["resumed"].get(group["id"]) != "changes":
                self._skip_to(group["id"], group["head"])
        self._ready.set()

    def _skip_to(self, group_id: str, head: int) -> None:
        """Continue at the head without the changes before it; an anomaly if there were few enough to send."""
        known, self.positions[group_id] = self.positions[group_id], head
        self._skipped[group_id] |= set(range(known + 1, head + 1))
        if head - known <= RESUMABLE:
            self._report_anomaly(f"could not resume {group_id} from {known} to {head}")

    def _report_anomaly(self, what: str) -> None:
        self._evidence.anomalies.append(f"{self.name} {what}")
