"""Checks that everybody is told of what names them, once on each screen, while servers are killed.

    bin/prove notifications --decisions 10000

Servers that serve, follow and push are killed at random, or frozen until their leases are over, while people name each
other; a push service of this proof's own verifies, decrypts and notes each push. At the end every message must have
reached each person whom it names, nobody else, and what came twice must replace the first: it has the same topic, tag
and seq. Exit code 1: it is not so.
"""

import argparse
import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench.chaos.cluster import make_fixture, manage, proof_environment
from bench.chaos.managed_process import ManagedProcess, reusable_port
from bench.notifications.push_service import PushService, push_service
from bin.local import serve
from bin.local.console import print_line, run_command
from bin.local.ready import LOCALHOST, http_status

from .environment import ProofEnvironment, run_proof

_NAMED = 5
_MEMBERS = 1 + _NAMED
# Seconds: a dead process's groups and pushes are taken over, and the slow round comes to what nobody knows of.
_SETTINGS = {
    "FOLLOW_LEASE": "25",
    "FOLLOW_SWEEP": "20",
    "STORE_TIMEOUT": "5",
    "PUSH_TIMEOUT": "2",
    "NOTIFICATION_LEASE": "5",
    "NOTIFICATION_POLL": "1",
    "PUSH_PRIVATE_NETWORKS": "1",
}
_PAUSE, _DOWNTIME = (1.0, 4.0), (0.0, 1.0)
# A share of the servers is frozen in place of being killed, for longer than the lease of what it has begun to send.
_FROZEN, _FREEZE = 0.3, (6.0, 9.0)
# If nothing arrives for so long, what is left counts as lost.
_PATIENCE = 60.0
_AT_ONCE = 8


@dataclass
class Scene:
    """The servers, and who is there: devices by person, and what each message must tell whom."""

    urls: list[str]
    servers: list[ManagedProcess]
    service: PushService
    fixture: Mapping[str, Any]
    owners: dict[str, str] = field(default_factory=dict)
    expected: set[tuple[str, str]] = field(default_factory=set)
    kills: int = 0
    freezes: int = 0


async def prove(engines: Mapping[str, str], folder: Path, decisions: int, say: Callable[[str], None]) -> list[str]:
    """Run it with so many decisions, and return what was violated."""
    async with _running(engines, folder, decisions) as scene:
        await _subscribe(scene)
        begin = time.monotonic()
        killing = asyncio.create_task(_kill_at_random(scene))
        try:
            await _talk(scene, decisions)
        finally:
            killing.cancel()
            await asyncio.gather(killing, return_exceptions=True)
        await asyncio.gather(*(server.start() for server in scene.servers))
        say(f"{len(scene.expected):,} decisions are due; servers were killed {scene.kills}x, frozen {scene.freezes}x")
        await _wait(scene)
        return _verify(scene, time.monotonic() - begin, say)


async def _subscribe(scene: Scene) -> None:
    for number, user in enumerate(scene.fixture["users"]):
        subscription = scene.service.subscribe()
        scene.owners[scene.service.path_of(subscription)] = user["id"]
        await _post(scene, user, "/api/notifications/devices", {**subscription, "name": f"Browser {number}"})


async def _talk(scene: Scene, decisions: int) -> None:
    """Have people name the others of their groups; each message is sent until it is stored, and is so once."""
    tokens = {user["id"]: user for user in scene.fixture["users"]}
    limit = asyncio.Semaphore(_AT_ONCE)

    async def send(number: int) -> None:
        group = scene.fixture["groups"][number % len(scene.fixture["groups"])]
        # One who writes has read what came before: the others of a group write nothing there.
        author, *named = group["members"]
        body = {
            "groupId": group["id"],
            "content": f"{number} {' '.join(f'<@{user_id}>' for user_id in named)}",
            "clientId": f"message-{number}",
        }
        async with limit:
            message = (await _post(scene, tokens[author], "/api/messages", body))["message"]
        scene.expected |= {(user_id, message["id"]) for user_id in named}

    await asyncio.gather(*(send(number) for number in range(decisions // _NAMED)))


async def _post(scene: Scene, user: Mapping[str, str], path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {user['token']}"}
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        url = random.choice(scene.urls)
        try:
            async with httpx.AsyncClient(headers=headers, timeout=10) as client:
                response = await client.post(f"{url}{path}", json=body)
            if response.is_success:
                answer: dict[str, Any] = response.json()
                return answer
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.2)
    raise RuntimeError(f"{path} was not answered for two minutes")


async def _kill_at_random(scene: Scene) -> None:
    while True:
        await asyncio.sleep(random.uniform(*_PAUSE))
        server = random.choice(scene.servers)
        if random.random() < _FROZEN:
            await _freeze(server)
            scene.freezes += 1
        else:
            await server.kill()
            scene.kills += 1
            await asyncio.sleep(random.uniform(*_DOWNTIME))
            await server.start()


async def _freeze(server: ManagedProcess) -> None:
    server.freeze()
    try:
        await asyncio.sleep(random.uniform(*_FREEZE))
    finally:
        server.resume()


async def _wait(scene: Scene) -> None:
    """Return when all has arrived, or nothing does any more; and a lease later, for what comes twice."""
    moved_at, before = time.monotonic(), -1
    while time.monotonic() - moved_at < _PATIENCE and not scene.expected <= _arrived(scene).keys():
        if len(scene.service.received) != before:
            moved_at, before = time.monotonic(), len(scene.service.received)
        await asyncio.sleep(0.5)
    await asyncio.sleep(2 * float(_SETTINGS["NOTIFICATION_LEASE"]))


def _arrived(scene: Scene) -> Counter[tuple[str, str]]:
    messages = (each for each in scene.service.received if each.payload["type"] == "message")
    return Counter((scene.owners[each.path], each.payload["messageId"]) for each in messages)


def _verify(scene: Scene, seconds: float, say: Callable[[str], None]) -> list[str]:
    arrived = _arrived(scene)
    marks: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for each in scene.service.received:
        key = (scene.owners[each.path], each.payload.get("messageId", ""))
        marks.setdefault(key, set()).add((each.headers["topic"], each.payload["tag"], str(each.payload["seq"])))
    twice = sum(count - 1 for count in arrived.values())
    say(f"{len(arrived):,} were told within {seconds:.0f} s, {twice} pushes came twice and replaced the first")
    lost, others = scene.expected - arrived.keys(), arrived.keys() - scene.expected
    seen_twice = [key for key, found in marks.items() if len(found) > 1]
    violations = [
        *([f"{len(lost)} were lost, such as {min(lost)}"] if lost else []),
        *([f"{len(others)} told who was not named, such as {min(others)}"] if others else []),
        *([f"{len(seen_twice)} would be seen twice"] if seen_twice else []),
    ]
    return [*violations, *(f"a push was not as it must be: {fault}" for fault in scene.service.faults[:5])]


@asynccontextmanager
async def _running(engines: Mapping[str, str], folder: Path, decisions: int) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(push_service())
        environment = proof_environment("notifications", **engines, **_SETTINGS)
        await manage(environment, "create_tables")
        groups = max(2, min(50, decisions // 100))
        fixture = await make_fixture(environment, users=groups * _MEMBERS // 2, groups=groups, members=_MEMBERS)
        listens = [serve.Listen(LOCALHOST, reusable_port(), 1) for _ in range(2)]
        servers = [_server(number, listen, environment, folder) for number, listen in enumerate(listens)]
        for server in servers:
            stack.push_async_callback(server.kill)
        await asyncio.gather(*(server.start() for server in servers))
        yield Scene([listen.own_url("") for listen in listens], servers, service, fixture)


def _server(number: int, listen: serve.Listen, environment: Mapping[str, str], folder: Path) -> ManagedProcess:
    return ManagedProcess(
        f"server {number + 1}",
        serve.command(listen),
        environment={**environment, "PORT": str(listen.port)},
        is_ready=lambda: http_status(listen.own_url("/api/health/live")) == 200,
        log=folder / f"server-{number + 1}.log",
    )


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/prove notifications", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--decisions", type=int, default=500)
    options = parser.parse_args(arguments)

    def prove_in(environment: ProofEnvironment) -> list[str]:
        return asyncio.run(prove(environment.engines, environment.folder, options.decisions, print_line))

    return run_proof(prove_in)


if __name__ == "__main__":
    run_command(main)
