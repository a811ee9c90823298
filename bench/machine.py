"""Describes the machine and the software versions of a benchmark."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from bench.cores import server_cores
from bench.launcher import REFERENCE_DIR
from bin.local.checkout import ROOT
from bin.local.install import find_node

_LIBRARIES = ("uvicorn", "uvloop", "channels", "Django", "pynamodb")


def describe() -> dict[str, str]:
    """Return the machine table of the page, by row."""
    cores = server_cores()
    if cores:
        rest = sorted(set(range(os.cpu_count() or 1)) - {cores[0]})
        pinned = f"the server alone on core {cores[0]}; engines, store proxy and load generator on {_core_list(rest)}"
    else:
        pinned = "none: all processes share all cores"
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "pinning": pinned,
        "ours": ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in _LIBRARIES)]),
        "reference": f"Node {_output([find_node(), '--version']).lstrip('v')}, {_node_packages()}",
    }


def revision() -> str:
    """Return the commit of the working tree, with "+ changes" when it is modified; empty outside a repository."""
    commit = _output(["git", "rev-parse", "--short=10", "HEAD"])
    changed = _output(["git", "status", "--porcelain", "--", "*.py"])
    return f"{commit} + changes" if commit and changed else commit


def _core_list(numbers: list[int]) -> str:
    return f"core{'s'[: len(numbers) > 1]} {', '.join(map(str, numbers))}"


def _processor() -> str:
    try:
        match = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        match = None
    return match[1] if match else platform.processor() or platform.machine()


def _node_packages() -> str:
    lock = (REFERENCE_DIR / "package-lock.json").read_text()
    names = ("socket.io", "@socket.io/redis-adapter", "redis", "@aws-sdk/client-dynamodb")
    matches = [
        (name, re.search(rf'"node_modules/{re.escape(name)}": {{\s*"version": "([^"]+)"', lock)) for name in names
    ]
    return ", ".join(f"{name} {match[1]}" for name, match in matches if match)


def _output(command: list[str]) -> str:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
