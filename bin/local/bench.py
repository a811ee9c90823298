"""bin/bench: measures our server beside a reference server, or beside an older revision of itself."""

import os
import sys
import tempfile
import time
from pathlib import Path

from bin.local.checkout import ROOT
from bin.local.console import UserError, print_line, run_command, seconds_since
from bin.local.engines import named_engines
from bin.local.install import install, install_folder
from bin.local.processes import ProcessGroup, run_in_foreground
from bin.local.running import Home, engines

SUITE = [sys.executable, "-m", "bench.suite"]
REFERENCE = ROOT / "bench" / "reference"
# The cores of the servers under test (bench/cores.py); everything else runs on the remaining ones.
SERVER_CORES = "BENCH_SERVER_CORES"
# Options with which nothing is measured, so neither engines nor the reference server are needed.
_MEASURES_NOTHING = {"-h", "--help", "--render"}
_AGAINST = "--against"


def main(arguments: list[str]) -> int:
    # Not the developer's engines: the benchmark fills them with generated data.
    named = named_engines(os.environ, prefix="BENCH_")
    install("bin/bench", named=named, bench=True)
    if _MEASURES_NOTHING & set(arguments):
        return run_in_foreground([*SUITE, *arguments], os.environ, ROOT)
    if not any(argument.startswith(_AGAINST) for argument in arguments):
        _install_reference()
    start = time.monotonic()
    cores = reserve_cores_for_servers()
    processes = ProcessGroup()
    with tempfile.TemporaryDirectory(prefix="chatproject-bench-") as folder:
        home = Home(Path(folder) / "data", Path(folder) / "logs", throwaway=True)
        try:
            with engines(processes, home, named) as addresses:
                code = run_in_foreground([*SUITE, *arguments], {**os.environ, **addresses, SERVER_CORES: cores}, ROOT)
        finally:
            processes.stop()
    if not code:
        print_line(f"The benchmark took {seconds_since(start)}.")
    return code


def _install_reference() -> None:
    try:
        install_folder("bin/bench", REFERENCE, "the reference server")
    except UserError as error:
        print_line(f"{error.problem} So our server is measured alone.")


def reserve_cores_for_servers() -> str:
    """Keep this process and its children off one core; returns the cores of the servers ("0,1"), or ""."""
    if sys.platform != "linux":
        print_line("This system cannot pin processes to cores: small differences mean nothing.")
        return ""
    ours = sorted(os.sched_getaffinity(0))
    if len(ours) < 2:
        print_line("There is only one core: the servers share it with the load generator.")
        return ""
    os.sched_setaffinity(0, set(ours[1:]))
    return ",".join(map(str, ours[:2]))


if __name__ == "__main__":
    run_command(main)
