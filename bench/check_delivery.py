"""Checks on a running server that every acknowledged message is delivered once, in one order, to all members.

    bin/manage fixture --users 30 --groups 3 --members 8 > fixture.json
    python -m bench.check_delivery --url http://127.0.0.1:3000 --fixture fixture.json --seconds 60 --clients 40

Clients on all transports send, edit, delete, react, upload, disconnect, retry and resume; temporary members are added
and removed. At the end, the log, the messages and the files read over HTTP are compared with all that was sent and
acknowledged, and the events that each client received with the log. Exit code 1: a guarantee was broken.
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

from bench.delivery.client import Client
from bench.delivery.evidence import Evidence
from bench.delivery.http_api import Api, LogReader
from bench.delivery.invariants import find_violations
from bench.delivery.listener import User
from bench.delivery.temporary_members import MemberRotation
from bench.delivery.violation import Violation

# At the end, clients finish their sends and receive the rest. A slow server is not a violation: what is missing counts
# as lost only after this many seconds without any progress.
STALL_TIMEOUT = 60.0


@dataclass(frozen=True)
class Plan:
    """The workload; `fixture` is the output of `bin/manage fixture`, `pace` each client's actions per second."""

    urls: Sequence[str]
    fixture: dict[str, Any]
    seconds: float = 60.0
    clients: int = 40
    pace: float = 1.0
    seed: int = 1
    stall_timeout: float = STALL_TIMEOUT


@dataclass
class Report:
    """Counts of what happened, and the violations among it."""

    violations: list[Violation]
    stats: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        lines = [f"  {count:>9,}  {name}" for name, count in sorted(self.stats.items())]
        verdict = f"✗ {len(self.violations)} violations" if self.violations else "✓ every guarantee held"
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
        self.rotations: list[MemberRotation] = []

    async def run(self, inject_faults: Callable[[], Awaitable[None]] | None) -> Report:
        """Run the clients and `inject_faults` at the same time; then wait for all deliveries and check the evidence."""
        await self._set_up()
        stopping = asyncio.Event()
        rotations = [asyncio.create_task(rotation.run(stopping)) for rotation in self.rotations]
        readers = [asyncio.create_task(reader.follow()) for reader in self.readers.values()]
        clients = [asyncio.create_task(client.run(1 / self.plan.pace, stopping)) for client in self.clients]
        try:
            await asyncio.gather(asyncio.sleep(self.plan.seconds), *([inject_faults()] if inject_faults else []))
            stopping.set()
            await asyncio.gather(*rotations)
            drain_seconds = await self._drain([*readers, *clients])
            await self._read_files()
        finally:
            for task in (*rotations, *readers, *clients):
                task.cancel()
            await asyncio.wait([*rotations, *readers, *clients])
        await self.api.close()
        return self._report(drain_seconds)

    async def _set_up(self) -> None:
        starts: dict[str, dict[str, int]] = {}
        for user in self.users.values():
            groups = await self.api.groups(user.token)
            starts[user.id] = {group_id: groups[group_id]["head"] for group_id in self.members if group_id in groups}
            self.evidence.starts |= starts[user.id]
        for group_id, start in self.evidence.starts.items():
            self.readers[group_id] = LogReader(self.api, group_id, self._token(group_id), start)
        members = [user for user in self.users.values() if starts[user.id]]
        for number in range(self.plan.clients):
            user = members[number % len(members)]
            own_starts = {group_id: self.evidence.starts[group_id] for group_id in starts[user.id]}
            name, seed = f"c{number}-{time.time_ns() % 10**9:x}", self.plan.seed * 10_000 + number
            client = Client(
                name, user, own_starts, urls=self.plan.urls, api=self.api, evidence=self.evidence, seed=seed
            )
            self.clients.append(client)

        for group_id, member_ids in self.members.items():
            outsiders = [user for user in self.users.values() if user.id not in member_ids]
            owner = self.users[member_ids[0]]
            rotation = MemberRotation(
                group_id, owner, outsiders, api=self.api, urls=self.plan.urls, seed=self.plan.seed
            )
            self.rotations.append(rotation)

    def _token(self, group_id: str) -> str:
        return next(self.users[user_id].token for user_id in self.members[group_id] if user_id in self.users)

    async def _drain(self, tasks: list[asyncio.Task[None]]) -> float:
        """Wait until all is sent and received, or progress stalls; collect what is stored and return the seconds.

        Servers may still execute requests that clients have abandoned, so collecting is repeated until no log has
        grown in the meantime.
        """
        start = last_progress = time.monotonic()
        before = self._progress()
        while not await self._is_drained_and_collected():
            if self._progress() != before:
                before, last_progress = self._progress(), time.monotonic()
            elif time.monotonic() > last_progress + self.plan.stall_timeout:
                await self._collect()
                break
            await asyncio.sleep(0.3)
        for client in self.clients:
            client.stop_recording()
        for task in tasks:
            if task.done():
                task.result()
        return time.monotonic() - start

    async def _is_drained_and_collected(self) -> bool:
        if not await self._is_drained():
            return False
        heads = self._heads()
        await self._collect()
        return await self._is_drained() and self._heads() == heads

    def _heads(self) -> dict[str, int]:
        return {group_id: reader.head for group_id, reader in self.readers.items()}

    def _progress(self) -> tuple[int, ...]:
        positions = [sum(client.positions.values()) for client in self.clients]
        return (*positions, *(len(client.pending) for client in self.clients))

    async def _is_drained(self) -> bool:
        if any(client.pending for client in self.clients):
            return False
        await asyncio.gather(*(reader.catch_up() for reader in self.readers.values()))
        heads = self._heads()
        return all(
            client.positions[group_id] == heads[group_id] for client in self.clients for group_id in client.received
        )

    async def _collect(self) -> None:
        """Read the logs, the messages and the unread counts from the server."""
        self.evidence.unread_counts.clear()
        for group_id, reader in self.readers.items():
            await reader.catch_up()
            self.evidence.logs[group_id] = list(reader.changes)
            token, start = self._token(group_id), self.evidence.starts[group_id]
            snapshot = await self.api.snapshot(group_id, token, start)
            self.evidence.fresh_snapshots[group_id] = snapshot
            for message in snapshot.messages.values():
                self.evidence.add_shown(f"a page of {group_id}", message)
            self.evidence.unread_counts += [
                await self.api.unread_count(user_id, self.users[user_id].token, group_id)
                for user_id in self.members[group_id]
                if user_id in self.users
            ]

    async def _read_files(self) -> None:
        """Read every file whose upload was acknowledged."""
        for upload in self.evidence.uploads:
            token = self.users[upload.user_id].token
            self.evidence.stored_files[upload.file_id] = await self.api.file_hash(upload.file_id, token)

    def _report(self, drain_seconds: float) -> Report:
        unsent = [client_id for client in self.clients for client_id in client.pending]
        if unsent:
            self.evidence.anomalies.append(f"{len(unsent)} sends were never acknowledged: {', '.join(unsent[:5])}")
        stats = self.stats() + Counter({"clients": len(self.clients), "seconds to drain": round(drain_seconds)})
        self.evidence.temporary_memberships = [each for rotation in self.rotations for each in rotation.memberships]
        stats["changes in the logs"] = sum(map(len, self.evidence.logs.values()))
        return Report(find_violations(self.evidence), stats)

    def stats(self) -> Counter[str]:
        """Return counts of what the clients have done so far."""
        stats: Counter[str] = Counter()
        for client in self.clients:
            stats += client.stats
            stats["changes received"] += sum(map(len, client.received.values()))
        for rotation in self.rotations:
            stats += rotation.stats
        return stats


async def check(plan: Plan, inject_faults: Callable[[], Awaitable[None]] | None = None) -> Report:
    """Run one check."""
    return await Check(plan).run(inject_faults)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--pace", type=float, default=1.0, help="actions per second of each client (1)")
    parser.add_argument("--seed", type=int, default=1, help="selects the clients' actions; their timing still varies")
    return parser


def main() -> int:
    parser = _parser()
    parser.add_argument("--url", action="append", required=True, help="a server; may be repeated")
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
