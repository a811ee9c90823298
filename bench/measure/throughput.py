"""Throughput: full load, then delivery times at a steady rate that both servers can sustain."""

from dataclasses import replace

from bench.scenario_kinds import FULL, STEADY, STEADY_SHARE, Throughput

from .runner import Runner

# The share of the baseline's throughput. Low, so that most batches have one message: near its limit a server writes
# larger batches whenever the machine is busy, and those cost less per message.
_REVISIONS_SHARE = 0.25


def measure(runner: Runner, scenario: Throughput) -> None:
    _run_pairs(runner, scenario, FULL, rate=0.0)
    if scenario.steady:
        share = _REVISIONS_SHARE if runner.compares_revisions else STEADY_SHARE
        # The last system is the one that ours is compared with.
        throughput = runner.record.median(FULL, runner.systems[-1], "messages_per_second")
        _run_pairs(runner, scenario, STEADY, rate=share * (throughput or 0.0))


def _run_pairs(runner: Runner, scenario: Throughput, part: str, *, rate: float) -> None:
    for pair in range(runner.pairs):
        runner.run_pair(part, pair, replace(scenario.workload, rate=rate), store=scenario.store)
