"""What a run costs: CPU and memory of the servers, and how busy the generator itself and its cores were."""

import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from bench.cores import own_cores

# Above this the generator, or what shares its cores, decides a run, and the server's true rate is higher.
BUSY = 0.9
# The kind of clock in a clock's id that names a process: see clock_getcpuclockid(3).
_CPUCLOCK_SCHED = 2
_LINUX = platform.system() == "Linux"


class Servers:
    """The processes under test, with their children."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._processes = [
            process for parent in map(psutil.Process, pids) for process in (parent, *parent.children(recursive=True))
        ]

    def cpu_seconds(self) -> float:
        return sum(map(_cpu_seconds, self._processes))

    def resident_bytes(self) -> int:
        return sum(int(process.memory_info().rss) for process in self._processes)


def _cpu_seconds(process: psutil.Process) -> float:
    """Return them exactly on Linux: psutil reads ticks of 10 ms, some percent of what a quiet server takes."""
    if _LINUX:
        return time.clock_gettime(~process.pid << 3 | _CPUCLOCK_SCHED)
    return sum(process.cpu_times()[:2])


@dataclass(frozen=True, slots=True)
class Mark:
    """The clocks at one moment."""

    at: float
    server: float
    own: float
    idle: float
    total: float

    @classmethod
    def now(cls, servers: Servers) -> "Mark":
        cores = psutil.cpu_times(percpu=True)
        mine = [cores[number] for number in own_cores() if number < len(cores)]
        idle = sum(core.idle + getattr(core, "iowait", 0.0) for core in mine)
        # Guests are counted in user time already.
        total = sum(sum(core) - getattr(core, "guest", 0.0) - getattr(core, "guest_nice", 0.0) for core in mine)
        return cls(time.perf_counter(), servers.cpu_seconds(), time.process_time(), idle, total)


@dataclass(frozen=True, slots=True)
class Usage:
    """Between two marks: seconds, the servers' CPU seconds, and shares of the generator's time."""

    seconds: float
    server_cpu: float
    generator: float
    cores: float

    @classmethod
    def between(cls, start: Mark, end: Mark) -> "Usage":
        seconds = end.at - start.at
        cores = 1 - (end.idle - start.idle) / max(end.total - start.total, 1e-9)
        return cls(seconds, end.server - start.server, (end.own - start.own) / seconds, max(0.0, cores))

    @classmethod
    def sum(cls, usages: Sequence["Usage"]) -> "Usage":
        """Return all of them together; shares are averages over time."""
        seconds = sum(usage.seconds for usage in usages)
        generator = sum(usage.generator * usage.seconds for usage in usages) / seconds
        cores = sum(usage.cores * usage.seconds for usage in usages) / seconds
        return cls(seconds, sum(usage.server_cpu for usage in usages), generator, cores)

    @property
    def generator_limits(self) -> bool:
        return self.generator > BUSY or self.cores > BUSY
