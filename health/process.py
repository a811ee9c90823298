"""What this process knows of itself."""

import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

from realtime.hub.hub import get_hub

_STATM = Path("/proc/self/statm")
_started = time.monotonic()


async def describe() -> dict[str, Any]:
    """Return pid, uptime in seconds, resident memory in bytes, the number of threads, and what the sockets hold."""
    return {
        "pid": os.getpid(),
        "uptime": round(time.monotonic() - _started, 1),
        "rss": resident_bytes(),
        "threads": threading.active_count(),
        "sockets": get_hub().summary(),
    }


def resident_bytes() -> int:
    """Return the resident memory now; where there is no /proc, the most that it has been."""
    try:
        return int(_STATM.read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        # macOS counts in bytes, everybody else in kilobytes.
        return most if sys.platform == "darwin" else most * 1024
