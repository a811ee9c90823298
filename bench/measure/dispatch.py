"""Measures the chosen scenarios, each by the module for its kind."""

import argparse
import time
from datetime import UTC, datetime

from bench import machine
from bench.launcher import Launcher
from bench.load.run import Timing
from bench.results import Results, ScenarioRecord
from bench.scenario_kinds import (
    Curve,
    Http,
    Idle,
    Reading,
    Rendering,
    Resume,
    Scenario,
    StoreAlone,
    Storm,
    Throughput,
    Web,
    Workers,
)
from bench.scenarios import SCENARIOS
from bin.local.console import print_line, seconds_since

from . import curve, http, idle, reading, rendering, resume, store, storm, throughput, web, workers
from .runner import Runner


def measure(launcher: Launcher, options: argparse.Namespace, systems: tuple[str, ...], results: Results) -> None:
    """Measure the scenarios named by the options; figures are added to the results after each run."""
    chosen = [scenario for scenario in SCENARIOS if scenario.name in options.scenarios]
    for number, scenario in enumerate(chosen, 1):
        print_line(f"\n== {scenario.title} ({scenario.name}, {number} of {len(chosen)})")
        pairs, seconds, warm_up = (1, 2.0, 1.0) if options.quick else (options.pairs, options.seconds, 2.0)
        record = ScenarioRecord(f"{datetime.now(UTC):%Y-%m-%d}", machine.revision(), pairs, seconds)
        results.scenarios[scenario.name] = record
        start = time.monotonic()
        _run(Runner(launcher, record, Timing(seconds=seconds, warm_up=warm_up), options.quick, systems), scenario)
        print_line(f"  done in {seconds_since(start)}")


def _run(runner: Runner, scenario: Scenario) -> None:
    match scenario:
        case Throughput():
            throughput.measure(runner, scenario)
        case Idle():
            idle.measure(runner, scenario)
        case Curve():
            curve.measure(runner, scenario)
        case Rendering():
            rendering.measure(runner, scenario)
        case Workers():
            workers.measure(runner, scenario)
        case Resume():
            resume.measure(runner, scenario)
        case Storm():
            storm.measure(runner, scenario)
        case Reading():
            reading.measure(runner, scenario)
        case Http():
            http.measure(runner, scenario)
        case Web():
            web.measure(runner, scenario)
        case StoreAlone():
            store.measure(runner, scenario)
