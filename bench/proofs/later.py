"""Checks that what is planned is done once, while the processes that do it are killed and frozen.

    bin/prove later --count 1000 --seconds 120

Messages are planned, some are cancelled and some moved about when they are due, and reminders are planned too. The
processes that do what is due are killed at random, or frozen until their leases are over, and the store throttles, is
slow, or fails after a write. At the end each message is in its group once, those that were cancelled are not, each
reminder has arrived once, and nothing is left. Exit code 1: it is not so.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench.chaos.cluster import make_fixture, manage, proof_environment, run_to_end
from bench.chaos.faults import Fault, FaultInjector, store_failures
from bench.chaos.managed_process import ManagedProcess
from bench.chaos.store_proxy import store_proxy_to
from bin.local.console import print_line, run_command

from .environment import ProofEnvironment, run_proof

# Seconds: a frozen process outlives its lease.
_STORE_TIMEOUT, _LEASE, _FREEZE = 2.0, 6.0, (6.5, 9.0)
_DOWNTIME = (0.0, 1.0)
_POLL, _PATIENCE = 2.0, 120.0


@dataclass(frozen=True)
class LaterConfig:
    """How many messages and reminders are planned within so many seconds; by which seed the faults are drawn."""

    count: int = 300
    reminders: int = 50
    workers: int = 3
    seconds: float = 45.0
    seed: int = 1


async def prove(
    addresses: Mapping[str, str], folder: Path, config: LaterConfig, say: Callable[[str], None]
) -> list[str]:
    """Run it on these engines, and return what was violated."""
    async with _running(addresses, folder, config) as (environment, faults):
        injector = FaultInjector(faults, config.seed)
        say(f"{config.count} messages and {config.reminders} reminders are planned")
        async with asyncio.TaskGroup() as tasks:
            planning = tasks.create_task(_run_task(environment, "plan"))
            await injector.run(config.seconds + 5)
            expected = orjson.loads(await planning)
        say(", ".join(f"{name} {count}x" for name, count in sorted(injector.injected.items())))
        verdict = await _settled(environment, say)
        return _violations(config, expected, verdict)


async def _settled(environment: Mapping[str, str], say: Callable[[str], None]) -> dict[str, Any]:
    """Return how it is when nothing is due any more, or as it is after a long time."""
    until = time.monotonic() + _PATIENCE
    while True:
        verdict: dict[str, Any] = orjson.loads(await _run_task(environment, "verify"))
        say("{due} due, {aside} set aside, {reminders} reminders".format(**verdict))
        if not verdict["due"] or time.monotonic() > until:
            return verdict
        await asyncio.sleep(_POLL)


def _violations(config: LaterConfig, expected: Mapping[str, int], verdict: Mapping[str, Any]) -> list[str]:
    found = verdict["found"]
    wrong = [
        f"{content} was sent {found.get(content, 0)} times, not {times}"
        for content, times in expected.items()
        if found.get(content, 0) != times
    ]
    left = {name: verdict[name] for name in ("due", "aside", "planned") if verdict[name]}
    wrong += [f"left in the end: {left}"] if left else []
    if verdict["reminders"] != config.reminders:
        wrong.append(f"{verdict['reminders']} of {config.reminders} reminders have arrived")
    return wrong


async def _run_task(environment: Mapping[str, str], task: str) -> bytes:
    return await run_to_end(_command(task), environment, name=task)


def _command(task: str) -> list[str]:
    return [sys.executable, "-m", "bench.later.process", task]


@asynccontextmanager
async def _running(
    addresses: Mapping[str, str], folder: Path, config: LaterConfig
) -> AsyncIterator[tuple[dict[str, str], list[Fault]]]:
    async with AsyncExitStack() as stack:
        direct = proof_environment("later", **addresses, DUE_LEASE=str(_LEASE))
        await manage(direct, "create_tables")
        fixture = await make_fixture(direct, users=10, groups=5, members=4)
        plan = {"groups": fixture["groups"], "count": config.count, "reminders": config.reminders}
        direct["LATER_PLAN"] = orjson.dumps({**plan, "seconds": config.seconds, "seed": config.seed}).decode()
        store = await stack.enter_async_context(store_proxy_to(direct["DYNAMODB_URL"]))
        behind = {**direct, "DYNAMODB_URL": store.url, "STORE_TIMEOUT": str(_STORE_TIMEOUT)}
        faults = list(store_failures(store))
        for number in range(config.workers):
            log = folder / f"work-{number + 1}.log"
            worker = ManagedProcess(
                f"worker {number + 1}", _command("work"), environment=behind, is_ready=lambda: True, log=log
            )
            stack.push_async_callback(worker.kill)
            await worker.start()
            faults.append(Fault("worker killed", worker, worker.kill, worker.start, _DOWNTIME))
            faults.append(Fault("worker frozen", worker, worker.freeze, worker.resume, _FREEZE))
        yield direct, faults


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/prove later", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=LaterConfig.count, help="messages that are planned")
    parser.add_argument("--reminders", type=int, default=LaterConfig.reminders)
    parser.add_argument("--seconds", type=float, default=LaterConfig.seconds, help="within which all are due")
    parser.add_argument("--seed", type=int, default=LaterConfig.seed, help="selects the faults")
    options = parser.parse_args(arguments)
    config = LaterConfig(options.count, options.reminders, seconds=options.seconds, seed=options.seed)

    def prove_in(environment: ProofEnvironment) -> list[str]:
        return asyncio.run(prove(environment.engines, environment.folder, config, print_line))

    return run_proof(prove_in)


if __name__ == "__main__":
    run_command(main)
