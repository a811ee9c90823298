"""Measures the chosen scenarios one after the other, each by the module of its kind."""

import argparse
import time
from datetime import UTC, datetime

from bench import machine
from bench.load.run import Timing
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
from bench.stage import Stage
from bin.local.console import say, seconds_since

from . import curve, idle, reading, resume, store, storm, throughput, workers
from .bench import Bench


def measure(stage: Stage, given: argparse.Namespace, contenders: tuple[str, ...]) -> Results:
    """Return the figures of the scenarios that `given` names."""
    results = Results(machine.describe())
    chosen = [scenario for scenario in SCENARIOS if scenario.name in given.scenarios]
    for number, scenario in enumerate(chosen, 1):
        say(f"\n== {scenario.title} ({scenario.name}, {number} of {len(chosen)})")
        results.scenarios[scenario.name] = _measure(stage, scenario, given, contenders)
    return results


def _measure(stage: Stage, scenario: Scenario, given: argparse.Namespace, contenders: tuple[str, ...]) -> Measured:
    pairs, seconds, warm = (1, 2.0, 1.0) if given.quick else (given.pairs, given.seconds, 2.0)
    measured = Measured(f"{datetime.now(UTC):%Y-%m-%d}", machine.revision(), pairs, seconds)
    timing = Timing(seconds=seconds, warm=warm)
    bench = Bench(stage, measured, timing, quick=given.quick, contenders=contenders)
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
