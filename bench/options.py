"""The command-line options of bin/bench."""

import argparse
from pathlib import Path

from bench.scenario_kinds import Curve, Http, Idle, Rendering, Throughput, Workers
from bench.scenarios import SCENARIOS

# The default scenarios of --against. `sign-in` is not among them: it differs from `idle` only for the reference server.
COMPARED = ("fan-out", "rooms", "ingest", "lone", "idle", "workers")
_COMPARABLE = [
    scenario.name
    for scenario in SCENARIOS
    if isinstance(scenario, Throughput | Idle | Curve | Rendering | Workers | Http)
]


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line; `scenarios` of the result are the names of the scenarios to measure."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.json and not options.against:
        parser.error("--json requires --against")
    if options.against:
        options.scenarios = options.scenarios or list(COMPARED)
        if unsupported := [name for name in options.scenarios if name not in _COMPARABLE]:
            parser.error(f"--against does not support {', '.join(unsupported)}: only {', '.join(_COMPARABLE)}")
    options.scenarios = options.scenarios or [scenario.name for scenario in SCENARIOS]
    return options


def _parser() -> argparse.ArgumentParser:
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measures our server against a reference server.")
    parser.add_argument("scenarios", nargs="*", type=_scenario_name, metavar="scenario", help=", ".join(names))
    parser.add_argument("--pairs", type=int, default=5, help="alternating runs of each server (5)")
    parser.add_argument("--seconds", type=float, default=5.0, help="measured seconds of each run (5)")
    parser.add_argument("--quick", action="store_true", help="smoke test: one pair of 2 s, a tenth of the clients")
    parser.add_argument("--no-write", action="store_true", help="print the tables without updating docs/performance.md")
    parser.add_argument(
        "--render", action="store_true", help="write the page from bench/results.json without measuring"
    )
    parser.add_argument(
        "--against",
        metavar="REV",
        help="compare with this commit of our server instead of the reference; writes no page",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results of --against to this file")
    return parser


def _scenario_name(text: str) -> str:
    if text not in {scenario.name for scenario in SCENARIOS}:
        raise argparse.ArgumentTypeError(f"unknown scenario {text}: see --help")
    return text
