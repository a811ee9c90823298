"""Figures of this process for `/api/health` and `/api/health/live`; a new one also needs its field in `serializers`."""

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
    """Return `{"pid", "uptime", "rss", "threads", "sockets"}`: seconds, bytes, a count, and the hub's summary."""
    return {
        "pid": os.getpid(),
        "uptime": round(time.monotonic() - _started, 1),
        "rss": resident_bytes(),
        "threads": threading.active_count(),
        "sockets": get_hub().summary(),
    }


def resident_bytes() -> int:
    """Return the resident memory in bytes; without /proc, the maximum so far."""
    try:
        return int(_STATM.read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        # In bytes on macOS, in kilobytes elsewhere.
        return peak if sys.platform == "darwin" else peak * 1024
