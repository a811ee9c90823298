"""Proves on a running server that what was acknowledged is delivered: once, in one order, to everybody.

    bin/manage fixture --users 30 --groups 3 --members 8 > fixture.json
    python -m bench.check_delivery --url http://127.0.0.1:3000 --fixture fixture.json --seconds 60 --clients 40

Clients on all transports send, edit, react, drop, retry and resume; visitors are let in and put out. In the end each
client's picture, kept by events alone, is held against the log and the pages that the server gives over HTTP. Exit
code 1: a promise was broken.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.delivery.client import Client, User
from bench.delivery.evidence import Evidence
from bench.delivery.judge import Violation, judge
from bench.delivery.reading import Api, LogReader
from bench.delivery.visitors import Door

# When all is quiet, clients finish their sends and hear the rest. Slowness is no fault: only when nothing at all has
# moved for so long is what is still missing taken for lost.
PATIENCE = 60.0


@dataclass(frozen=True)
class Plan:
    """What to check; `fixture` is the output of `bin/manage fixture`, `pace` the actions a second of a client."""

    urls: Sequence[str]
    fixture: dict[str, Any]
    seconds: float = 60.0
    clients: int = 40
    pace: float = 1.0
    seed: int = 1
    patience: float = PATIENCE


@dataclass
class Report:
    """What happened, and what of it breaks a promise."""

    violations: list[Violation]
    stats: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        lines = [f"  {count:>9,}  {what}" for what, count in sorted(self.stats.items())]
        verdict = f"✗ {len(self.violations)} violations" if self.violations else "✓ every promise was kept"
        return "\n".join([*lines, verdict, *(f"  {violation}" for violation in self.violations[:20])])


class Check:
    """One run of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.api = Api(plan.urls)
        self.evidence = Evidence()
        self.users = {user["id"]: User(user["id"], user["token"]) for user in plan.fixture["users"]}
        self.members: dict[str, list[str]] = {group["id"]: group["members"] for group in plan.fixture["groups"]}
        self.readers: dict[str, LogReader] = {}
        self.clients: list[Client] = []
        self.doors: list[Door] = []

    async def run(self, disturb: Callable[[], Awaitable[None]] | None) -> Report:
        """Let the clients loose, and `disturb` the servers meanwhile; then let all settle, and judge."""
        await self._begin()
        quiet = asyncio.Event()
        doors = [asyncio.create_task(door.swing(quiet)) for door in self.doors]
        readers = [asyncio.create_task(reader.follow()) for reader in self.readers.values()]
        lives = [asyncio.create_task(client.live(1 / self.plan.pace, quiet)) for client in self.clients]
        try:
            await asyncio.gather(asyncio.sleep(self.plan.seconds), *([disturb()] if disturb else []))
            quiet.set()
            await asyncio.gather(*doors)
            settled_in = await self._settle([*readers, *lives])
        finally:
            for task in (*doors, *readers, *lives):
                task.cancel()
            await asyncio.wait([*doors, *readers, *lives])
        await self.api.close()
        return self._report(settled_in)

    async def _begin(self) -> None:
        starts: dict[str, dict[str, int]] = {}
        for user in self.users.values():
            groups = await self.api.groups(user.token)
            starts[user.id] = {group_id: groups[group_id]["head"] for group_id in self.members if group_id in groups}
            self.evidence.starts |= starts[user.id]
        for group_id, start in self.evidence.starts.items():
            self.readers[group_id] = LogReader(self.api, group_id, self._token(group_id), start)
        busy = [user for user in self.users.values() if starts[user.id]]
        for number in range(self.plan.clients):
            user = busy[number % len(busy)]
            own = {group_id: self.evidence.starts[group_id] for group_id in starts[user.id]}
            name, seed = f"c{number}-{time.time_ns() % 10**9:x}", self.plan.seed * 10_000 + number
            client = Client(name, user, own, urls=self.plan.urls, evidence=self.evidence, seed=seed)
            self.clients.append(client)

        for group_id, members in self.members.items():
            outside = [user for user in self.users.values() if user.id not in members]
            owner = self.users[members[0]]
            door = Door(group_id, owner, outside, api=self.api, urls=self.plan.urls, seed=self.plan.seed)
            self.doors.append(door)

    def _token(self, group_id: str) -> str:
        return next(self.users[user_id].token for user_id in self.members[group_id] if user_id in self.users)

    async def _settle(self, tasks: list[asyncio.Task[None]]) -> float:
        """Wait until nothing is left to send or to hear, or nothing moves, and read everything anew.

        Servers may still do what a client has given up. So what is read counts only if nothing was added meanwhile.
        """
        start = moved = time.monotonic()
        before = self._progress()
        while not await self._is_settled_and_read():
            if self._progress() != before:
                before, moved = self._progress(), time.monotonic()
            elif time.monotonic() > moved + self.plan.patience:
                await self._look()
                break
            await asyncio.sleep(0.3)
        for client in self.clients:
            client.stop_listening()
        for task in tasks:
            if task.done():
                task.result()
        return time.monotonic() - start

    async def _is_settled_and_read(self) -> bool:
        if not await self._is_settled():
            return False
        heads = self._heads()
        await self._look()
        return await self._is_settled() and self._heads() == heads

    def _heads(self) -> dict[str, int]:
        return {group_id: reader.head for group_id, reader in self.readers.items()}

    def _progress(self) -> tuple[int, ...]:
        heard = [sum(client.positions.values()) for client in self.clients]
        return (*heard, *(len(client.pending) for client in self.clients))

    async def _is_settled(self) -> bool:
        if any(client.pending for client in self.clients):
            return False
        await asyncio.gather(*(reader.catch_up() for reader in self.readers.values()))
        heads = self._heads()
        return all(client.positions[group_id] == heads[group_id] for client in self.clients for group_id in client.told)

    async def _look(self) -> None:
        """Read everything anew."""
        self.evidence.counts.clear()
        for group_id, reader in self.readers.items():
            await reader.catch_up()
            self.evidence.logs[group_id] = list(reader.told)
            token, start = self._token(group_id), self.evidence.starts[group_id]
            self.evidence.fresh[group_id] = await self.api.picture(group_id, token, start)
            self.evidence.counts += [
                await self.api.count(user_id, self.users[user_id].token, group_id)
                for user_id in self.members[group_id]
                if user_id in self.users
            ]

    def _report(self, settled_in: float) -> Report:
        unsent = [client_id for client in self.clients for client_id in client.pending]
        if unsent:
            self.evidence.oddities.append(f"{len(unsent)} sends were never acknowledged: {', '.join(unsent[:5])}")
        stats = self.stats() + Counter({"clients": len(self.clients), "seconds to settle": round(settled_in)})
        self.evidence.visits = [visit for door in self.doors for visit in door.visits]
        stats["changes in the logs"] = sum(map(len, self.evidence.logs.values()))
        return Report(judge(self.evidence), stats)

    def stats(self) -> Counter[str]:
        """Return what the clients have done so far."""
        stats: Counter[str] = Counter()
        for client in self.clients:
            stats += client.stats
            stats["changes told"] += sum(map(len, client.told.values()))
        for door in self.doors:
            stats += door.stats
        return stats


async def check(plan: Plan, disturb: Callable[[], Awaitable[None]] | None = None) -> Report:
    """Run the plan and return what was found."""
    return await Check(plan).run(disturb)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--pace", type=float, default=1.0, help="actions a second of one client (1)")
    parser.add_argument("--seed", type=int, default=1, help="decides what the clients do; not how fast they are")
    return parser


def main() -> int:
    parser = arguments()
    parser.add_argument("--url", action="append", required=True, help="a server; several times for several")
    parser.add_argument("--fixture", type=Path, required=True, help="the output of bin/manage fixture")
    options = parser.parse_args()
    fixture = json.loads(options.fixture.read_text())
    urls = [url.rstrip("/") for url in options.url]
    plan = Plan(urls, fixture, options.seconds, options.clients, options.pace, options.seed)
    report = asyncio.run(check(plan))
    print(report)
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
