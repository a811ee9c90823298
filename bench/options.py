"""The options of bin/bench."""

import argparse
from pathlib import Path

from bench.scenarios import SCENARIOS, Curve, Idle, Throughput, Workers

# What an older revision of ours is compared in where nothing is named. It signs people in as ours always does, so
# `sign-in` would be `idle` again.
COMPARED = ("fan-out", "rooms", "ingest", "lone", "idle", "workers")
_COMPARABLE = [scenario.name for scenario in SCENARIOS if isinstance(scenario, Throughput | Idle | Curve | Workers)]


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return them; `scenarios` are the names of those to measure."""
    made = _parser()
    given = made.parse_args(arguments)
    if given.json and not given.against:
        made.error("--json goes with --against")
    if given.against:
        given.scenarios = given.scenarios or list(COMPARED)
        if others := [name for name in given.scenarios if name not in _COMPARABLE]:
            made.error(f"--against does not measure {', '.join(others)}: only {', '.join(_COMPARABLE)}")
    given.scenarios = given.scenarios or [scenario.name for scenario in SCENARIOS]
    return given


def _parser() -> argparse.ArgumentParser:
    names = [scenario.name for scenario in SCENARIOS]
    made = argparse.ArgumentParser(prog="bin/bench", description="Measures our server beside a reference server.")
    made.add_argument("scenarios", nargs="*", type=_scenario_name, metavar="scenario", help=", ".join(names))
    made.add_argument("--pairs", type=int, default=5, help="runs of each server, in turn (5)")
    made.add_argument("--seconds", type=float, default=5.0, help="how long one run is measured (5)")
    made.add_argument("--quick", action="store_true", help="see that it works: one pair of 2 s, a tenth of the clients")
    made.add_argument("--no-write", action="store_true", help="print the table and leave docs/performance.md as it is")
    made.add_argument("--render", action="store_true", help="write the page from the kept figures, and measure nothing")
    made.add_argument(
        "--against", metavar="REV", help="compare with this commit of ours instead of the reference; writes no page"
    )
    made.add_argument("--json", type=Path, metavar="FILE", help="where --against also writes all that it found")
    return made


def _scenario_name(text: str) -> str:
    if text not in {scenario.name for scenario in SCENARIOS}:
        raise argparse.ArgumentTypeError(f"there is no scenario {text}: see --help")
    return text
