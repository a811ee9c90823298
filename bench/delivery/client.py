"""A chat client on an unreliable network: it drops its connection, retries, resumes and changes its transport."""

import asyncio
import contextlib
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .evidence import CHANGE_EVENTS, Ack, Change, Evidence, ReadMark, Snapshot
from .transports import TIMEOUT, TRANSPORT_FACTORIES, ConnectionLost, Transport

EMOJI = ("👍", "🎉", "👀")
# The weights of a random choice; "twice" sends one message in two concurrent requests.
ACTIONS = {"send": 55, "reply": 10, "edit": 9, "react": 10, "delete": 3, "read": 9, "twice": 3}
# Errors that are not anomalies: other clients delete messages, and servers limit rates and restart.
EXPECTED_ERRORS = {"gone", "rate_limited", "unavailable"}
_DROP_CHANCE, _CLOSE_CHANCE = 0.05, 0.03
_MAX_OFFLINE = 2.0
_RECENT = 30
# A client that missed at most this many changes receives them all when it reconnects (docs/sockets.md).
RESUMABLE = 1000


@dataclass(frozen=True)
class User:
    id: str
    token: str


def _clock() -> str:
    """Return the time of day as the servers' logs have it."""
    return datetime.now().strftime("%H:%M:%S.%f")[:-3]


class Client:
    """Maintains a snapshot of each of its user's groups from events alone, and records all it receives as evidence."""

    def __init__(
        self, name: str, user: User, starts: dict[str, int], *, urls: Sequence[str], evidence: Evidence, seed: int
    ) -> None:
        self.name, self.user = name, user
        self.positions = dict(starts)
        self.snapshots = evidence.snapshots[name] = {group_id: Snapshot(seq) for group_id, seq in starts.items()}
        self.received = evidence.received[name] = {group_id: [] for group_id in starts}
        self._skipped = evidence.skipped[name] = defaultdict(set)
        # Messages without an acknowledgement so far, by clientId.
        self.pending: dict[str, dict[str, Any]] = {}
        self.stats: Counter[str] = Counter()
        self._urls, self._evidence = urls, evidence
        self._random = random.Random(seed)
        self._transport: Transport | None = None
        self._ready = asyncio.Event()
        self._recording = True
        self._connecting_since = 0.0
        # What the present connection began with, to explain a gap: its transport and what `ready` said of each group.
        self._connection, self._resumed = "", dict[str, Any]()
        self._own_messages: dict[str, list[str]] = defaultdict(list)

    # --- connecting --------------------------------------------------------------------------------------------------
    async def run(self, pause: float, stopping: asyncio.Event) -> None:
        """Act every `pause` seconds on average until cancelled; after `stopping`, only finish sends and listen."""
        while True:
            try:
                await self._connect()
                for request in list(self.pending.values()):
                    await self._send(request)
                while not stopping.is_set():
                    await asyncio.sleep(self._random.expovariate(1 / pause))
                    interrupt = self._random.random() < _DROP_CHANCE + _CLOSE_CHANCE
                    await (self._interrupt() if interrupt else self._act())
                await self._listen()
            except ConnectionLost:
                self.stats["lost connections"] += 1
            finally:
                await self._disconnect()
            # At once, as client libraries do (perhaps to a server that lags behind), or after a while.
            await asyncio.sleep(self._random.choice([0.05, self._random.uniform(0, _MAX_OFFLINE)]))

    async def _listen(self) -> None:
        """Listen while connected with nothing to send; then raise `ConnectionLost`, so that `run` reconnects."""
        transport = self._transport
        while transport and not transport.lost.is_set() and not self.pending:  # noqa: ASYNC110 - two conditions
            await asyncio.sleep(0.1)
        raise ConnectionLost

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

    # --- acting ------------------------------------------------------------------------------------------------------
    async def _act(self) -> None:
        group_id = self._random.choice(list(self.positions))
        (action,) = self._random.choices(list(ACTIONS), list(ACTIONS.values()))
        self.stats[action] += 1
        recent = list(self.snapshots[group_id].messages.values())[-_RECENT:]
        existing = [message for message in recent if not message.get("deleted")]
        if action == "read":
            await self._move_read_mark(group_id)
        elif action == "react" and existing:
            emoji, change = self._random.choice(EMOJI), self._random.choice(["add", "add", "remove"])
            message_id = self._random.choice(existing)["id"]
            await self._call("reaction", {"messageId": message_id, "emoji": emoji, "action": change})
        elif action in ("edit", "delete") and (own := self._own_messages[group_id][-_RECENT:]):
            text: dict[str, Any] = {"content": f"edited at {time.monotonic()}"} if action == "edit" else {}
            await self._call(f"{action}_message", {"messageId": self._random.choice(own), **text})
        else:
            roots = [message for message in existing if "parentId" not in message]
            parent = self._random.choice(roots)["id"] if action == "reply" and roots else None
            request = self._new_request(group_id, parent)
            await asyncio.gather(*(self._send(request) for _ in range(2 if action == "twice" else 1)))

    async def _interrupt(self) -> None:
        """Close the connection properly, or drop it during a send, whose acknowledgement is then lost."""
        if self._random.random() < _CLOSE_CHANCE / (_DROP_CHANCE + _CLOSE_CHANCE):
            self.stats["closes"] += 1
            await self._disconnect(gracefully=True)
            raise ConnectionLost
        sending = asyncio.create_task(self._send(self._new_request(self._random.choice(list(self.positions)), None)))
        await asyncio.sleep(self._random.uniform(0, 0.02))
        self.stats["drops"] += 1
        await self._disconnect()
        sending.cancel()
        with contextlib.suppress(ConnectionLost, asyncio.CancelledError):
            await sending
        raise ConnectionLost

    def _new_request(self, group_id: str, parent_id: str | None) -> dict[str, Any]:
        self.stats["requests"] += 1
        client_id = f"{self.name}-{self.stats['requests']}"
        request: dict[str, Any] = {"groupId": group_id, "content": f"{client_id} says ahoy", "clientId": client_id}
        request |= {"after": self.positions[group_id], **({"parentId": parent_id} if parent_id else {})}
        self.pending[client_id] = request
        return request

    async def _send(self, request: dict[str, Any]) -> None:
        """Send until the server accepts or rejects it; raises `ConnectionLost`, and the request stays pending."""
        group_id, client_id = request["groupId"], request["clientId"]
        while ack := await self._call("message", request):
            if ack["ok"]:
                message = ack["message"]
                self._evidence.acks.append(Ack(group_id, self.user.id, client_id, message["id"], message["seq"]))
                self.stats["duplicates" if ack.get("duplicate") else "acknowledged"] += 1
                self._own_messages[group_id].append(message["id"])
            elif ack["error"]["retryable"]:
                await asyncio.sleep(ack["error"].get("retryAfter") or 0.5)
                continue
            self.pending.pop(client_id, None)
            return

    async def _move_read_mark(self, group_id: str) -> None:
        seq, requested_at = max(0, self.positions[group_id] - self._random.randrange(40)), time.monotonic()
        ack = await self._call("thread_read", {"groupId": group_id, "seq": seq})
        if ack["ok"]:
            mark = ReadMark(self.user.id, group_id, requested_at, time.monotonic(), ack["read"], seq)
            self._evidence.read_marks.append(mark)

    async def _call(self, event: str, data: dict[str, Any]) -> dict[str, Any]:
        if self._transport is None:
            raise ConnectionLost
        ack = await self._transport.call(event, data)
        if not ack["ok"]:
            code = ack["error"]["code"]
            self.stats[f"error: {code}"] += 1
            if code not in EXPECTED_ERRORS:
                self._report_anomaly(f"got an error for {event}: {ack['error']}")
        return ack
