"""The figures of a server's health report, which are for bearers of its HEALTH_TOKEN."""

import json
import time
import urllib.request
from typing import Any

TOKEN = "bench-health"  # noqa: S105 (of servers that a benchmark starts, on loopback)
SETTINGS = {"HEALTH_TOKEN": TOKEN}
_TIMEOUT, _REPORT_SECONDS = 10.0, 1.1


def process_figures(url: str) -> dict[str, Any]:
    """Return what the process that answers says of itself now; takes a second."""
    # The server gives out a report for a second.
    time.sleep(_REPORT_SECONDS)
    request = urllib.request.Request(f"{url}/api/health?scope=process", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
        figures: dict[str, Any] = json.load(response)
        return figures
