"""bin/test: everything that is checked before a change is handed in, on engines and data of its own."""

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bin.local.checkout import ROOT
from bin.local.console import run_command, say
from bin.local.engines import named_engines
from bin.local.install import install
from bin.local.processes import ProcessGroup, run_in_foreground
from bin.local.running import Home, engines
from bin.local.system import find_chromium

STEPS = (
    ("Style: ruff check", ["ruff", "check", "."]),
    ("Style: ruff format", ["ruff", "format", "--check", "."]),
    ("Types: mypy", ["mypy", "."]),
    ("Tests: pytest", ["pytest", "-n", "2", "--dist", "loadgroup"]),
)


@dataclass(frozen=True)
class Result:
    title: str
    code: int
    seconds: float


def main(arguments: list[str]) -> int:
    # Never the developer's engines: REDIS_URL and the others do not count here, TEST_REDIS_URL does.
    named = named_engines(os.environ, prefix="TEST_")
    install("bin/test", named=named, dev=True)
    chromium = _chromium()
    steps = (("Tests: pytest", ["pytest", *arguments]),) if arguments else STEPS
    processes = ProcessGroup()
    with tempfile.TemporaryDirectory(prefix="chatproject-test-") as folder:
        home = Home(Path(folder) / "data", Path(folder) / "logs", throwaway=True, short_lived=True)
        try:
            with engines(processes, home, named) as found:
                results = [_run(title, step, {**os.environ, **found, **chromium}) for title, step in steps]
        finally:
            processes.stop()
    _print_summary(results)
    return next((result.code for result in results if result.code), 0)


def _chromium() -> dict[str, str]:
    if path := find_chromium():
        return {"CHROMIUM": path}
    say("No Chromium here, so the tests in a browser cannot run. Debian, Ubuntu: sudo apt-get install chromium")
    say("  Elsewhere: install it, or name it: CHROMIUM=/path/to/chrome bin/test")
    return {}


def _run(title: str, step: list[str], env: dict[str, str]) -> Result:
    say(f"\n== {title}")
    start = time.monotonic()
    code = run_in_foreground([sys.executable, "-m", *step], env, ROOT)
    return Result(title, code, time.monotonic() - start)


def _print_summary(results: list[Result]) -> None:
    say()
    for result in results:
        say(f"{'✗' if result.code else '✓'} {result.title} ({result.seconds:.1f} s)")


if __name__ == "__main__":
    run_command(main)
