"""Throughput: full load in turns, then delivery times at a share of what the reference can do."""

from dataclasses import replace

from bench.scenarios import FULL, STEADY, STEADY_SHARE, Throughput
from bench.stage import OURS, THEIRS

from .bench import Bench


def measure(bench: Bench, scenario: Throughput) -> None:
    _in_turns(bench, scenario, FULL, rate=0.0)
    if scenario.steady:
        usual = bench.measured.median(FULL, THEIRS, "messages_per_second") or bench.measured.median(
            FULL, OURS, "messages_per_second"
        )
        _in_turns(bench, scenario, STEADY, rate=STEADY_SHARE * (usual or 0.0))


def _in_turns(bench: Bench, scenario: Throughput, part: str, *, rate: float) -> None:
    load = replace(scenario.load, rate=rate)
    for _ in range(bench.pairs):
        for contender in bench.contenders:
            with bench.stage.serving(contender, (load.groups, load.members), store=scenario.store) as serving:
                bench.note(part, contender, {"rate": rate, **bench.load(serving, load)})
