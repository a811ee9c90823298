"""One chat client that does what clients do on bad days: it drops, retries, resumes, and changes its transport."""

import asyncio
import contextlib
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .evidence import CHANGES, Ack, Evidence, Mark, Picture, Told
from .wires import KINDS, PATIENCE, Wire, WireLost

EMOJI = ("👍", "🎉", "👀")
ACTIONS = {"send": 55, "reply": 10, "edit": 9, "react": 10, "delete": 3, "read": 9, "twice": 3}
# What may be refused when others delete what one answers to.
EXPECTED = {"gone", "rate_limited", "unavailable"}
_DROPS, _LEAVES = 0.05, 0.03
_AWAY = 2.0
_RECENT = 30
# How many changes a client may lack and still be brought up to date, by docs/sockets.md.
RESUMABLE = 1000


@dataclass(frozen=True)
class User:
    id: str
    token: str


class Client:
    """Keeps a picture of each of its user's groups by events alone, and writes down what it sees."""

    def __init__(
        self, name: str, user: User, starts: dict[str, int], *, urls: Sequence[str], evidence: Evidence, seed: int
    ) -> None:
        self.name, self.user = name, user
        self.positions = dict(starts)
        self.pictures = evidence.pictures[name] = {group_id: Picture(seq) for group_id, seq in starts.items()}
        self.told = evidence.told[name] = {group_id: [] for group_id in starts}
        self._skipped = evidence.skipped[name] = defaultdict(set)
        # Sends that nobody has acknowledged yet, by clientId.
        self.pending: dict[str, dict[str, Any]] = {}
        self.stats: Counter[str] = Counter()
        self._urls, self._evidence = urls, evidence
        self._chance = random.Random(seed)
        self._wire: Wire | None = None
        self._ready = asyncio.Event()
        self._listening = True
        self._asked_at = 0.0
        self._own: dict[str, list[str]] = defaultdict(list)

    # --- life --------------------------------------------------------------------------------------------------------
    async def live(self, pause: float, quiet: asyncio.Event) -> None:
        """Come and go for ever; once it is quiet, only finish what was begun, and listen."""
        while True:
            try:
                await self._connect()
                for request in list(self.pending.values()):
                    await self._send(request)
                while not quiet.is_set():
                    await asyncio.sleep(self._chance.expovariate(1 / pause))
                    await self._misbehave() if self._chance.random() < _DROPS + _LEAVES else await self._act()
                await self._stay()
            except WireLost:
                self.stats["lost wires"] += 1
            finally:
                await self._leave()
            # At once, as libraries do, perhaps to a server that is behind; or after a while.
            await asyncio.sleep(self._chance.choice([0.05, self._chance.uniform(0, _AWAY)]))

    async def _stay(self) -> None:
        """Listen; raises `WireLost` when there is something left to send."""
        while self._wire and not self._wire.lost.is_set() and not self.pending:  # noqa: ASYNC110 - nothing tells of both
            await asyncio.sleep(0.1)
        raise WireLost

    async def _connect(self) -> None:
        kind, url = self._chance.choice(list(KINDS)), self._chance.choice(self._urls)
        self._ready.clear()
        self._asked_at = time.monotonic()
        wire = self._wire = KINDS[kind](lambda event, *data: self._on_event(wire, event, *data))
        await wire.open(url, {"token": self.user.token, "since": self.positions})
        await self._until_ready(wire)
        self.stats[kind] += 1

    async def _until_ready(self, wire: Wire) -> None:
        ready, lost = asyncio.create_task(self._ready.wait()), asyncio.create_task(wire.lost.wait())
        await asyncio.wait({ready, lost}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        for task in (ready, lost):
            task.cancel()
        if not self._ready.is_set():
            raise WireLost

    async def _leave(self, *, politely: bool = False) -> None:
        wire, self._wire = self._wire, None
        if wire:
            await (wire.close() if politely else wire.drop())

    # --- what comes in -----------------------------------------------------------------------------------------------
    def _on_event(self, wire: Wire, event: str, data: Any = None) -> None:
        if wire is not self._wire or not self._listening:
            return
        if event == "ready":
            self._on_ready(data)
        elif event in CHANGES:
            group_id = data["groupId"]
            if group_id not in self.told:
                return
            self.told[group_id].append(Told.of(event, data))
            self.pictures[group_id].apply(event, data)
            self.positions[group_id] = max(self.positions[group_id], data["seq"])

    def stop_listening(self) -> None:
        """From now on, nothing that comes counts."""
        self._listening = False

    def _on_ready(self, ready: dict[str, Any]) -> None:
        now = time.monotonic()
        for group in ready["groups"]:
            if group["id"] not in self.positions:
                continue
            mark = Mark(self.user.id, group["id"], self._asked_at, now, group["read"])
            self._evidence.marks.append(mark)
            if ready["resumed"].get(group["id"]) != "changes":
                self._start_anew(group["id"], group["head"])
        self._ready.set()

    def _start_anew(self, group_id: str, head: int) -> None:
        """Go on from the head, and say so when that was not called for."""
        known, self.positions[group_id] = self.positions[group_id], head
        self._skipped[group_id] |= set(range(known + 1, head + 1))
        if head - known <= RESUMABLE:
            self._odd(f"had to read {group_id} anew after {known} of {head}")

    def _odd(self, what: str) -> None:
        self._evidence.oddities.append(f"{self.name} {what}")

    # --- what it does ------------------------------------------------------------------------------------------------
    async def _act(self) -> None:
        group_id = self._chance.choice(list(self.positions))
        (action,) = self._chance.choices(list(ACTIONS), list(ACTIONS.values()))
        self.stats[action] += 1
        recent = list(self.pictures[group_id].messages.values())[-_RECENT:]
        whole = [message for message in recent if not message.get("deleted")]
        if action == "read":
            await self._read(group_id)
        elif action == "react" and whole:
            emoji, way = self._chance.choice(EMOJI), self._chance.choice(["add", "add", "remove"])
            target = self._chance.choice(whole)["id"]
            await self._call("reaction", {"messageId": target, "emoji": emoji, "action": way})
        elif action in ("edit", "delete") and (own := self._own[group_id][-_RECENT:]):
            text: dict[str, Any] = {"content": f"edited at {time.monotonic()}"} if action == "edit" else {}
            await self._call(f"{action}_message", {"messageId": self._chance.choice(own), **text})
        else:
            roots = [message for message in whole if "parentId" not in message]
            parent = self._chance.choice(roots)["id"] if action == "reply" and roots else None
            request = self._request(group_id, parent)
            await asyncio.gather(*(self._send(request) for _ in range(2 if action == "twice" else 1)))

    async def _misbehave(self) -> None:
        """Go away: politely, or in the middle of a send, whose acknowledgement is lost then."""
        if self._chance.random() < _LEAVES / (_DROPS + _LEAVES):
            self.stats["goodbyes"] += 1
            await self._leave(politely=True)
            raise WireLost
        sending = asyncio.create_task(self._send(self._request(self._chance.choice(list(self.positions)), None)))
        await asyncio.sleep(self._chance.uniform(0, 0.02))
        self.stats["drops"] += 1
        await self._leave()
        sending.cancel()
        with contextlib.suppress(WireLost, asyncio.CancelledError):
            await sending
        raise WireLost

    def _request(self, group_id: str, parent_id: str | None) -> dict[str, Any]:
        self.stats["requests"] += 1
        client_id = f"{self.name}-{self.stats['requests']}"
        request: dict[str, Any] = {"groupId": group_id, "content": f"{client_id} says ahoy", "clientId": client_id}
        request |= {"after": self.positions[group_id], **({"parentId": parent_id} if parent_id else {})}
        self.pending[client_id] = request
        return request

    async def _send(self, request: dict[str, Any]) -> None:
        """Send until it is acknowledged; raises `WireLost`, and the request is pending then."""
        group_id, client_id = request["groupId"], request["clientId"]
        while answer := await self._call("message", request):
            if answer["ok"]:
                message = answer["message"]
                self._evidence.acks.append(Ack(group_id, self.user.id, client_id, message["id"], message["seq"]))
                self.stats["duplicates" if answer.get("duplicate") else "acknowledged"] += 1
                self._own[group_id].append(message["id"])
            elif answer["error"]["retryable"]:
                await asyncio.sleep(answer["error"].get("retryAfter") or 0.5)
                continue
            self.pending.pop(client_id, None)
            return

    async def _read(self, group_id: str) -> None:
        seq, asked_at = max(0, self.positions[group_id] - self._chance.randrange(40)), time.monotonic()
        answer = await self._call("thread_read", {"groupId": group_id, "seq": seq})
        if answer["ok"]:
            mark = Mark(self.user.id, group_id, asked_at, time.monotonic(), answer["read"], seq)
            self._evidence.marks.append(mark)

    async def _call(self, event: str, data: dict[str, Any]) -> dict[str, Any]:
        if self._wire is None:
            raise WireLost
        answer = await self._wire.call(event, data)
        if not answer["ok"]:
            code = answer["error"]["code"]
            self.stats[f"refused: {code}"] += 1
            if code not in EXPECTED:
                self._odd(f"was refused {event}: {answer['error']}")
        return answer
