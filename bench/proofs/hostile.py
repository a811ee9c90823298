"""Checks that hostile clients cost honest ones nothing: a server with its usual limits, attacked for a minute.

    bin/prove hostile --seconds 60

Fifty honest clients on all transports talk in their groups, first alone, then beside clients that flood the server
with frames, events, requests, uploads, connections and reads (`bench/hostile/`). The server has a core of its own where
there are two, and the hostile clients only the time that others leave. Nothing honest may be lost, doubled or
reordered, no connection lost, nothing answered with 500 and no traceback logged; and the 99th percentile of deliveries
and acknowledgements may double, or grow by 50 ms.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.chaos.managed_process import ROOT
from bench.load.fixture import Fixture
from bench.load.recorder import Recorder
from bench.load.run import Target, gc_disabled, write_messages
from bench.load.usage import ResourceSample, ServerProcesses, Usage
from bench.loop import run_on_loop
from bin.local.bench import reserve_cores_for_servers
from bin.local.console import print_line, run_command

from .environment import ProofEnvironment, Server, run_proof
from .honest import HonestClients, Waits

_MEMBERS = 10
# What a wait may grow to: so many times, or by so many milliseconds.
_FACTOR, _MORE_MS = 2.0, 50.0
_USUAL_LIMITS = {"RATE_LIMITS": ""}


@dataclass(frozen=True)
class HostileConfig:
    """`groups` of ten honest clients, each sending once in `pause` seconds; `copies` of each attack.

    The hostile members' group has `history` messages. Without `gate` waits are shown, and fail nothing.
    """

    seconds: float = 60.0
    baseline: float = 30.0
    groups: int = 5
    pause: float = 3.0
    copies: int = 2
    history: int = 500
    gate: bool = True
    only: str = ""
    cores: tuple[int, ...] = ()


def prove(environment: ProofEnvironment, config: HostileConfig) -> list[str]:
    """Return the failures: what honest clients lost or waited for too long, and what the server should not say."""
    groups = config.groups + 1
    data = environment.create_fixture(users=groups * _MEMBERS, groups=groups, members=_MEMBERS)
    hostile_data = {**data, "groups": data["groups"][-1:]}
    file = environment.folder / "hostile.json"
    file.write_text(json.dumps(hostile_data))
    with environment.running_server({}) as server:
        target = Target([server.url], [server.pid], sends_ready=True)
        run_on_loop(write_messages(Fixture.of(hostile_data), target, Recorder(), config.history))
    with environment.running_server(_USUAL_LIMITS, cores=config.cores) as server:
        honest = Fixture.of({**data, "groups": data["groups"][:-1]})
        failures = run_on_loop(_attack(server, honest, file, config))
    return [*failures, *tracebacks(environment.folder / "server.log")]


async def _attack(server: Server, fixture: Fixture, hostile_fixture: Path, config: HostileConfig) -> list[str]:
    honest = HonestClients(fixture.groups, fixture.tokens)
    await honest.start(server.url, config.pause)
    with gc_disabled():
        await asyncio.sleep(config.baseline / 5)
        honest.take()
        usage = _Usage(server)
        await asyncio.sleep(config.baseline)
        alone = honest.take()
        print_line(f"alone: {alone}; {usage}")
        usage = _Usage(server)
        counts = await _hostile_clients(server, hostile_fixture, config)
        attacked = honest.take()
    print_line(f"attacked: {attacked}; {usage}")
    print_line("  " + ", ".join(f"{count:,} {name}" for name, count in counts.items()))
    failures = await honest.finish()
    if counts.get("answers with 500"):
        failures.append(f"{counts['answers with 500']} requests were answered with 500")
    return [*failures, *(longer_waits(alone, attacked) if config.gate else ())]


async def _hostile_clients(server: Server, fixture: Path, config: HostileConfig) -> dict[str, int]:
    """Let them attack, in a process of their own, and return what they did."""
    command = ["-m", "bench.hostile", "--url", server.url, "--fixture", fixture, "--seconds", config.seconds]
    command += ["--copies", config.copies, "--only", config.only]
    # It ends with this process.
    wrapper = (sys.executable, "-m", "bench.chaos.die_with_parent", str(os.getpid()), "nice", "-n", "19")
    process = await asyncio.create_subprocess_exec(
        *(*wrapper, sys.executable, *map(str, command)), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    counts: dict[str, int] = json.loads(output.splitlines()[-1])
    return counts


class _Usage:
    """What the server has and used since this was made."""

    def __init__(self, server: Server) -> None:
        self._servers = ServerProcesses([server.pid])
        self._start = ResourceSample.now(self._servers)

    def __str__(self) -> str:
        usage = Usage.between(self._start, ResourceSample.now(self._servers))
        memory = self._servers.resident_bytes() / 1024**2
        return f"the server has {memory:.0f} MB and used {usage.server_cpu / usage.seconds:.0%} of a core"


def longer_waits(alone: Waits, attacked: Waits) -> Iterator[str]:
    """Yield a failure for each 99th percentile that grew by more than is allowed."""
    pairs: Mapping[str, tuple[Mapping[str, float], Mapping[str, float]]] = {
        "a delivery": (alone.delivery, attacked.delivery),
        "an acknowledgement": (alone.acknowledgement, attacked.acknowledgement),
    }
    for name, (before, after) in pairs.items():
        limit = max(_FACTOR * before["p99"], before["p99"] + _MORE_MS)
        if after["p99"] > limit:
            yield f"the p99 of {name} is {after['p99']:.0f} ms, not {limit:.0f} at most ({before['p99']:.0f} before)"


def tracebacks(log: Path) -> Iterator[str]:
    """Yield a failure if a server's log has a traceback, or an exception that nobody awaited."""
    text = log.read_text(errors="replace")
    for sign in ("Traceback", "never retrieved"):
        if sign in text:
            yield f"the server logged {text.count(sign)} times {sign!r}: {text[text.index(sign) :][:2000]}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/prove hostile", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=HostileConfig.seconds, help="how long the attack lasts (60)")
    parser.add_argument("--copies", type=int, default=HostileConfig.copies, help="hostile clients of each attack (2)")
    parser.add_argument("--only", default="", help="only the attacks whose name this expression finds")
    options = parser.parse_args(arguments)
    config = HostileConfig(options.seconds, options.seconds / 2, copies=options.copies, only=options.only)
    cores = tuple(int(core) for core in reserve_cores_for_servers().split(",") if core)[:1]
    return run_proof(lambda environment: prove(environment, replace(config, cores=cores)))


if __name__ == "__main__":
    run_command(main)
