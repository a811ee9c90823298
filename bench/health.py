"""The figures of a server's health report, which are for bearers of its HEALTH_TOKEN."""

import json
import urllib.request
from typing import Any

TOKEN = "bench-health"  # noqa: S105 (of servers that a benchmark starts, on loopback)
SETTINGS = {"HEALTH_TOKEN": TOKEN}
_TIMEOUT = 10.0


def process_figures(url: str) -> dict[str, Any]:
    """Return what the process that answers says of itself."""
    request = urllib.request.Request(f"{url}/api/health?scope=process", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
        figures: dict[str, Any] = json.load(response)
        return figures
