"""bin/bench: our server and a reference server, or an older revision, measured side by side on engines of their own."""

import os
import sys
import tempfile
import time
from pathlib import Path

from bin.local.checkout import ROOT
from bin.local.console import Trouble, run_command, say, seconds_since
from bin.local.engines import named_engines
from bin.local.install import install, install_reference
from bin.local.processes import Family, run_in_foreground
from bin.local.running import Home, engines

SUITE = [sys.executable, "-m", "bench.suite"]
REFERENCE = ROOT / "bench" / "reference"
# Which cores the servers under test get (bench/cores.py); what we start here inherits the others from us.
SERVER_CORES = "BENCH_SERVER_CORES"
_ASKS_ONLY = {"-h", "--help", "--render"}
_AGAINST = "--against"


def main(arguments: list[str]) -> int:
    # Never the developer's engines: they would be filled with rubbish.
    named = named_engines(os.environ, prefix="BENCH_")
    install("bin/bench", named=named, bench=True)
    if _ASKS_ONLY & set(arguments):
        return run_in_foreground([*SUITE, *arguments], os.environ, ROOT)
    if not any(argument.startswith(_AGAINST) for argument in arguments):
        _install_reference()
    start = time.monotonic()
    cores = _leave_cores_to_servers()
    family = Family()
    with tempfile.TemporaryDirectory(prefix="chatproject-bench-") as folder:
        home = Home(Path(folder) / "data", Path(folder) / "logs", throwaway=True)
        try:
            with engines(family, home, named) as found:
                code = run_in_foreground([*SUITE, *arguments], {**os.environ, **found, SERVER_CORES: cores}, ROOT)
        finally:
            family.stop()
    if not code:
        say(f"The benchmark took {seconds_since(start)}.")
    return code


def _install_reference() -> None:
    try:
        install_reference("bin/bench", REFERENCE)
    except Trouble as trouble:
        say(f"{trouble.what} So our server is measured alone.")


def _leave_cores_to_servers() -> str:
    """Give up a core, for ourselves and all that we start; returns which the servers get, "0,1", or nothing."""
    if sys.platform != "linux":
        say("Nothing can be pinned to a core here: only what is far apart means something.")
        return ""
    ours = sorted(os.sched_getaffinity(0))
    if len(ours) < 2:
        say("There is one core only: what is measured shares it with what measures.")
        return ""
    os.sched_setaffinity(0, set(ours[1:]))
    return ",".join(map(str, ours[:2]))


if __name__ == "__main__":
    run_command(main)
