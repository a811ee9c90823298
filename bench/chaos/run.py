"""One chaos run: the delivery check while faults are injected into servers, Redis, MongoDB and DynamoDB."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.check_delivery import Check, Plan, Report
from bench.delivery.violation import ANOMALY, Violation

from .cluster import running_cluster
from .faults import FaultInjector, faults_of

_PROGRESS_INTERVAL = 10.0


@dataclass(frozen=True)
class ChaosConfig:
    """Duration and workload; `pace` is each client's actions per second, `members` the members of each group."""

    seconds: float
    servers: int = 3
    clients: int = 40
    users: int = 30
    groups: int = 3
    members: int = 8
    pace: float = 1.0
    seed: int = 1


async def run(
    engines: Mapping[str, str], folder: Path, config: ChaosConfig, print_line: Callable[[str], None]
) -> Report:
    """Run it on this DynamoDB; the logs of the servers, Redis and MongoDB go to `folder`."""
    async with running_cluster(engines, folder, servers=config.servers) as cluster:
        fixture = await cluster.fixture(users=config.users, groups=config.groups, members=config.members)
        url = cluster.balancer.url
        print_line(f"{config.servers} servers are ready behind {url}")
        plan = Plan([url], fixture, config.seconds, config.clients, config.pace, config.seed)
        check, injector = Check(plan), FaultInjector(faults_of(cluster), config.seed)
        progress = asyncio.create_task(_report_progress(check, injector, print_line))
        try:
            report = await check.run(lambda: injector.run(config.seconds))
        finally:
            progress.cancel()
            with suppress(asyncio.CancelledError):
                await progress
        report.violations += _faults_in_logs(folder)
        report.stats += injector.injected + Counter({"requests failed by the store": cluster.store.failed})
        return report


def _faults_in_logs(folder: Path) -> list[Violation]:
    """Whatever fails, somebody must be told: an exception that nobody awaits is a bug."""
    return [
        Violation(ANOMALY, log.name, line)
        for log in sorted(folder.glob("server-*.log"))
        for line in log.read_text(errors="replace").splitlines()
        if "never retrieved" in line
    ]


async def _report_progress(check: Check, injector: FaultInjector, print_line: Callable[[str], None]) -> None:
    seconds = 0.0
    while True:
        await asyncio.sleep(_PROGRESS_INTERVAL)
        seconds += _PROGRESS_INTERVAL
        stats = check.stats()
        counts = f"{stats['acknowledged']:,} acknowledged, {stats['changes received']:,} changes received"
        faults = ", ".join(f"{name} {count}x" for name, count in sorted(injector.injected.items()))
        print_line(f"[{seconds:5.0f} s] {counts}; {faults}")
