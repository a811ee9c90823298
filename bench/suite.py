"""Measures the scenarios one after the other, keeps the figures and writes the page: what bin/bench runs.

It needs engines (REDIS_URL, DYNAMODB_URL, MONGODB_URI) that may be filled with rubbish.
"""

import argparse
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench import machine
from bench.load.run import Timing
from bench.measure import curve, idle, reading, resume, store, storm, throughput, workers
from bench.measure.bench import Bench
from bench.report import page
from bench.report.tables import alone_table, summary_table
from bench.results import Measured, Results
from bench.scenarios import (
    SCENARIOS,
    Curve,
    Idle,
    Reading,
    Resume,
    Scenario,
    StoreAlone,
    Storm,
    Throughput,
    Workers,
)
from bench.stage import OURS, REFERENCE, THEIRS, Stage
from bin.local.console import run_command, say, seconds_since

_ENGINES = ("REDIS_URL", "DYNAMODB_URL", "MONGODB_URI")


def main(arguments: list[str]) -> int:
    given = parser().parse_args(arguments)
    if given.render:
        page.write(Results.load())
        return 0
    chosen = [scenario for scenario in SCENARIOS if not given.scenarios or scenario.name in given.scenarios]
    results = Results(machine.describe())
    with tempfile.TemporaryDirectory(prefix="chatproject-bench-") as folder:
        stage = Stage({name: os.environ[name] for name in _ENGINES}, Path(folder))
        for number, scenario in enumerate(chosen, 1):
            say(f"\n== {scenario.title} ({scenario.name}, {number} of {len(chosen)})")
            results.scenarios[scenario.name] = _measure(stage, scenario, given)
    say("\n\n".join(["", *filter(None, (summary_table(results), alone_table(results))), ""]))
    if not (given.no_write or given.quick):
        _keep(results)
    broken = results.broken_promises()
    say(f"✗ {broken:,} deliveries of ours were lost, doubled or out of order" if broken else "✓ every promise was kept")
    return 1 if broken else 0


def parser() -> argparse.ArgumentParser:
    names = [scenario.name for scenario in SCENARIOS]
    made = argparse.ArgumentParser(prog="bin/bench", description="Measures our server beside a reference server.")
    made.add_argument("scenarios", nargs="*", type=_scenario_name, metavar="scenario", help=", ".join(names))
    made.add_argument("--pairs", type=int, default=5, help="runs of each server, in turn (5)")
    made.add_argument("--seconds", type=float, default=5.0, help="how long one run is measured (5)")
    made.add_argument("--quick", action="store_true", help="see that it works: one pair of 2 s, a tenth of the clients")
    made.add_argument("--no-write", action="store_true", help="print the table and leave docs/performance.md as it is")
    made.add_argument("--render", action="store_true", help="write the page from the kept figures, and measure nothing")
    return made


def _scenario_name(text: str) -> str:
    if text not in {scenario.name for scenario in SCENARIOS}:
        raise argparse.ArgumentTypeError(f"there is no scenario {text}: see --help")
    return text


def _measure(stage: Stage, scenario: Scenario, given: argparse.Namespace) -> Measured:
    pairs, seconds, warm = (1, 2.0, 1.0) if given.quick else (given.pairs, given.seconds, 2.0)
    measured = Measured(f"{datetime.now(UTC):%Y-%m-%d}", machine.revision(), pairs, seconds)
    both = (REFERENCE / "node_modules" / ".installed").is_file()
    timing = Timing(seconds=seconds, warm=warm)
    bench = Bench(stage, measured, timing, quick=given.quick, contenders=(OURS, THEIRS) if both else (OURS,))
    start = time.monotonic()
    _run(bench, scenario)
    say(f"  done in {seconds_since(start)}")
    return measured


def _run(bench: Bench, scenario: Scenario) -> None:
    match scenario:
        case Throughput():
            throughput.measure(bench, scenario)
        case Idle():
            idle.measure(bench, scenario)
        case Curve():
            curve.measure(bench, scenario)
        case Workers():
            workers.measure(bench, scenario)
        case Resume():
            resume.measure(bench, scenario)
        case Storm():
            storm.measure(bench, scenario)
        case Reading():
            reading.measure(bench, scenario)
        case StoreAlone():
            store.measure(bench, scenario)


def _keep(results: Results) -> None:
    """Put what was measured in the place of what is kept of it; the rest stays."""
    kept = Results.load()
    kept.machine = results.machine
    kept.scenarios |= results.scenarios
    kept.save()
    # From the file, whose figures are rounded: the page is the same whenever it is written.
    page.write(Results.load())


if __name__ == "__main__":
    run_command(main)
