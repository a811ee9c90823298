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


def measure(stage: Stage, given: argparse.Namespace, contenders: tuple[str, ...], results: Results) -> None:
    """Measure the scenarios that `given` names, and put each run's figures into the results as soon as it is over."""
    chosen = [scenario for scenario in SCENARIOS if scenario.name in given.scenarios]
    for number, scenario in enumerate(chosen, 1):
        say(f"\n== {scenario.title} ({scenario.name}, {number} of {len(chosen)})")
        pairs, seconds, warm = (1, 2.0, 1.0) if given.quick else (given.pairs, given.seconds, 2.0)
        measured = Measured(f"{datetime.now(UTC):%Y-%m-%d}", machine.revision(), pairs, seconds)
        results.scenarios[scenario.name] = measured
        start = time.monotonic()
        _run(Bench(stage, measured, Timing(seconds=seconds, warm=warm), given.quick, contenders), scenario)
        say(f"  done in {seconds_since(start)}")


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
