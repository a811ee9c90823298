"""CPU pinning: the servers under test get cores of their own; engines and load generator share the others."""

import os
import sys
from collections.abc import Sequence

from bin.local.bench import SERVER_CORES

# exec keeps the process id, so that the caller measures and signals the program itself.
_PIN = "import os, sys; os.sched_setaffinity(0, map(int, sys.argv[1].split(','))); os.execvp(sys.argv[2], sys.argv[2:])"


def server_cores() -> list[int]:
    """Return the cores for servers, in the order of their use; empty where pinning is not possible."""
    return [int(number) for number in os.environ.get(SERVER_CORES, "").split(",") if number]


def own_cores() -> list[int]:
    """Return the cores that this process may run on."""
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else list(range(os.cpu_count() or 1))


def pinned(command: Sequence[str], cores: Sequence[int]) -> list[str]:
    """Return the command line that runs `command` on these cores only, or unpinned when the list is empty."""
    return [sys.executable, "-c", _PIN, ",".join(map(str, cores)), *command] if cores else [*command]
