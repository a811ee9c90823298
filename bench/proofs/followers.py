"""Checks that followers get every entry, in order, while what follows and what writes is killed and frozen.

    bin/prove followers --groups 200 --entries 50000

Processes write to the groups and follow their logs, and are killed at random or frozen until their leases are over;
Redis is killed and comes back empty, and the store throttles, is slow, or fails after a write. Some entries cannot be
handled, and some groups are deleted meanwhile. At the end, what the followers have made of each log must be what the
log alone says. Exit code 1: it is not.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.chaos.cluster import make_fixture, manage, proof_environment, run_to_end
from bench.chaos.engine_process import engine_process
from bench.chaos.faults import Fault, FaultInjector, store_failures
from bench.chaos.managed_process import ManagedProcess
from bench.chaos.store_proxy import store_proxy_to
from bench.followers.plan import Plan
from bin.local.console import print_line, run_command
from bin.local.engines import REDIS

from .environment import ProofEnvironment, run_proof

# Seconds: a frozen process outlives its lease, and the slow round comes to what nobody knows of.
_STORE_TIMEOUT, _LEASE, _FREEZE, _SWEEP = 1.0, 5.0, (5.5, 7.0), 20.0
_DOWNTIME = (0.0, 1.0)
_POLL = 5.0
# If nothing moves for so long, what is left counts as skipped.
_PATIENCE = 90.0
_MEMBERS = 4
_VERIFY_TIMEOUT = 60.0


@dataclass(frozen=True)
class FollowersConfig:
    """How much is written to how many groups, of which some are deleted; by which seed the faults are drawn."""

    groups: int = 200
    deleted: int = 10
    entries: int = 50_000
    writers: int = 1
    servers: int = 2
    followers: int = 2
    seconds: float = 60.0
    seed: int = 1


@dataclass
class Scene:
    """The processes of a run; `chores` are to end by themselves, and are begun again until they do."""

    environment: Mapping[str, str]
    chores: list[ManagedProcess]
    faults: list[Fault]


async def prove(
    addresses: Mapping[str, str], folder: Path, config: FollowersConfig, say: Callable[[str], None]
) -> list[str]:
    """Run it on this DynamoDB and MongoDB, with a Redis of its own, and return what was violated."""
    async with _running(addresses, folder, config) as scene:
        injector = FaultInjector(scene.faults, config.seed)
        say(f"{config.groups} groups, of which {config.deleted} are deleted; the processes start")
        async with asyncio.TaskGroup() as tasks:
            chores = [tasks.create_task(_finish(chore)) for chore in scene.chores]
            await injector.run(config.seconds)
            say(", ".join(f"{name} {count}x" for name, count in sorted(injector.injected.items())))
            await asyncio.gather(*chores)
        say("everything is written; what is left is followed")
        return await _verify(scene, say)


async def _finish(chore: ManagedProcess) -> None:
    """Start a process again whenever it is killed, a moment later, until it has done what it is for."""
    while await chore.wait() != 0:
        await asyncio.sleep(_DOWNTIME[1])
        await chore.start()


async def _verify(scene: Scene, say: Callable[[str], None]) -> list[str]:
    """Verify until nothing is pending, or until nothing moves any more."""
    moved_at, before = time.monotonic(), -1
    while True:
        # It reads whole tables, in what time others leave.
        longer = {"STORE_TIMEOUT": str(_VERIFY_TIMEOUT), "FOLLOW_LEASE": str(10 * _VERIFY_TIMEOUT)}
        environment = {**scene.environment, **longer}
        verdict = orjson.loads(await _run_task(environment, "verify"))
        say("{entries:,} entries, {pending:,} to follow, {set_aside} set aside".format(**verdict))
        if not verdict["pending"]:
            return list(verdict["violations"])
        if verdict["pending"] != before:
            moved_at, before = time.monotonic(), verdict["pending"]
        elif time.monotonic() - moved_at > _PATIENCE:
            return [*verdict["violations"], f"{before} entries were skipped"]
        await asyncio.sleep(_POLL)


async def _run_task(environment: Mapping[str, str], task: str) -> bytes:
    return await run_to_end(_command(task), environment, name=task)


def _command(task: str) -> list[str]:
    return [sys.executable, "-m", "bench.followers.process", task]


@asynccontextmanager
async def _running(addresses: Mapping[str, str], folder: Path, config: FollowersConfig) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        redis, redis_url = engine_process(REDIS, folder, throwaway=True)
        stack.push_async_callback(redis.kill)
        await redis.start()
        direct = _environment(**{**addresses, "REDIS_URL": redis_url})
        await manage(direct, "create_tables")
        fixture = await make_fixture(direct, users=20, groups=config.groups, members=_MEMBERS)
        direct |= Plan(fixture["groups"], config.deleted, config.entries // config.groups).as_environment()
        await _run_task(direct, "begin")
        store = await stack.enter_async_context(store_proxy_to(direct["DYNAMODB_URL"]))
        behind = {**direct, "DYNAMODB_URL": store.url}
        chores = [
            *(_process(folder, behind, "write", number) for number in range(config.writers)),
            *(_process(folder, behind, "serve", number) for number in range(config.servers)),
            _process(folder, direct, "delete", 0),
        ]
        followers = [_process(folder, behind, "follow", number) for number in range(config.followers)]
        for process in (*chores, *followers):
            stack.push_async_callback(process.kill)
            await process.start()
        faults = [*_faults_of(chores[:-1], followers, redis), *store_failures(store)]
        yield Scene(direct, chores, faults)


def _faults_of(chores: list[ManagedProcess], followers: list[ManagedProcess], redis: ManagedProcess) -> Iterator[Fault]:
    for process in chores:  # `_finish` starts them again
        yield Fault("writer killed", process, process.kill, lambda: None, _DOWNTIME)
    for process in followers:
        yield Fault("follower killed", process, process.kill, process.start, _DOWNTIME)
    for process in (*chores, *followers):
        yield Fault("process frozen", process, process.freeze, process.resume, _FREEZE)
    yield Fault("Redis wiped", redis, redis.kill, redis.start, _DOWNTIME)
    yield Fault("Redis frozen", redis, redis.freeze, redis.resume, _FREEZE)


def _process(folder: Path, environment: Mapping[str, str], task: str, number: int) -> ManagedProcess:
    name = f"{task} {number + 1}"
    log = folder / f"{task}-{number + 1}.log"
    return ManagedProcess(name, _command(task), environment=environment, is_ready=lambda: True, log=log)


def _environment(**engines: str) -> dict[str, str]:
    own = {"STORE_TIMEOUT": _STORE_TIMEOUT, "FOLLOW_LEASE": _LEASE, "FOLLOW_SWEEP": _SWEEP}
    return proof_environment("followers", **engines, **{name: str(value) for name, value in own.items()})


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/prove followers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--groups", type=int, default=FollowersConfig.groups)
    parser.add_argument("--entries", type=int, default=FollowersConfig.entries, help="in all groups together")
    parser.add_argument("--seconds", type=float, default=FollowersConfig.seconds, help="of faults, at least")
    parser.add_argument("--seed", type=int, default=FollowersConfig.seed, help="selects the faults")
    options = parser.parse_args(arguments)
    config = FollowersConfig(groups=options.groups, entries=options.entries, seconds=options.seconds, seed=options.seed)

    def prove_in(environment: ProofEnvironment) -> list[str]:
        return asyncio.run(prove(environment.engines, environment.folder, config, print_line))

    return run_proof(prove_in)


if __name__ == "__main__":
    run_command(main)
