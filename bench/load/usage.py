"""Resource usage of a run: CPU and memory of the servers, and the load of the generator and of its cores."""

import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from bench.cores import own_cores

# Above this share the generator or its cores are the bottleneck, and the server could do more than was measured.
SATURATED = 0.9
# The clock type in the id of a process's CPU clock: see clock_getcpuclockid(3).
_CPUCLOCK_SCHED = 2
_LINUX = platform.system() == "Linux"


class ServerProcesses:
    """The processes under test and their children."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._processes = [
            process for parent in map(psutil.Process, pids) for process in (parent, *parent.children(recursive=True))
        ]

    def cpu_seconds(self) -> float:
        return sum(map(_cpu_seconds, self._processes))

    def resident_bytes(self) -> int:
        return sum(int(process.memory_info().rss) for process in self._processes)


def _cpu_seconds(process: psutil.Process) -> float:
    """Exact on Linux; psutil counts ticks of 10 ms, several percent of what a nearly idle server uses."""
    if _LINUX:
        return time.clock_gettime(~process.pid << 3 | _CPUCLOCK_SCHED)
    return sum(process.cpu_times()[:2])


@dataclass(frozen=True, slots=True)
class ResourceSample:
    """Clocks at one moment, in seconds: wall, server CPU, own CPU, and idle and total time of the own cores."""

    at: float
    server: float
    own: float
    idle: float
    total: float

    @classmethod
    def now(cls, servers: ServerProcesses) -> "ResourceSample":
        cores = psutil.cpu_times(percpu=True)
        used_cores = [cores[number] for number in own_cores() if number < len(cores)]
        idle = sum(core.idle + getattr(core, "iowait", 0.0) for core in used_cores)
        # User time already includes guest time.
        total = sum(sum(core) - getattr(core, "guest", 0.0) - getattr(core, "guest_nice", 0.0) for core in used_cores)
        return cls(time.perf_counter(), servers.cpu_seconds(), time.process_time(), idle, total)


@dataclass(frozen=True, slots=True)
class Usage:
    """Between two samples: elapsed and server CPU seconds, and the busy shares of the generator and of its cores."""

    seconds: float
    server_cpu: float
    generator: float
    cores: float

    @classmethod
    def between(cls, start: ResourceSample, end: ResourceSample) -> "Usage":
        seconds = end.at - start.at
        cores = 1 - (end.idle - start.idle) / max(end.total - start.total, 1e-9)
        return cls(seconds, end.server - start.server, (end.own - start.own) / seconds, max(0.0, cores))

    @classmethod
    def sum(cls, usages: Sequence["Usage"]) -> "Usage":
        """Return the total; shares are averages weighted by time."""
        seconds = sum(usage.seconds for usage in usages)
        generator = sum(usage.generator * usage.seconds for usage in usages) / seconds
        cores = sum(usage.cores * usage.seconds for usage in usages) / seconds
        return cls(seconds, sum(usage.server_cpu for usage in usages), generator, cores)

    @property
    def generator_limits(self) -> bool:
        return self.generator > SATURATED or self.cores > SATURATED
