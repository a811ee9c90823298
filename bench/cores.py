"""Which processor cores a run uses: the servers under test have theirs, everything else shares what is left."""

import os
import sys
from collections.abc import Sequence

from bin.local.bench import SERVER_CORES

# The program takes our place, with our process id: nothing stands between us and it.
_PIN = "import os, sys; os.sched_setaffinity(0, map(int, sys.argv[1].split(','))); os.execvp(sys.argv[2], sys.argv[2:])"


def server_cores() -> list[int]:
    """Return the cores for servers, the first one for one server alone; none where nothing can be pinned."""
    return [int(number) for number in os.environ.get(SERVER_CORES, "").split(",") if number]


def own_cores() -> list[int]:
    """Return the cores that we may run on."""
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else list(range(os.cpu_count() or 1))


def pinned(command: Sequence[str], cores: Sequence[int]) -> list[str]:
    """Return the command line that runs `command` on these cores alone, or anywhere when there are none."""
    return [sys.executable, "-c", _PIN, ",".join(map(str, cores)), *command] if cores else [*command]
