"""Throughput: full load in turns, then delivery times at a steady rate that both servers can bear."""

from dataclasses import replace

from bench.scenarios import FULL, STEADY, STEADY_SHARE, Throughput

from .bench import Bench

# Of what the baseline can do. Most batches are of one message then, as of the reference's share: near its limit a
# server writes larger batches whenever the machine is busy, and larger ones cost less.
_REVISIONS_SHARE = 0.25


def measure(bench: Bench, scenario: Throughput) -> None:
    _in_turns(bench, scenario, FULL, rate=0.0)
    if scenario.steady:
        share = _REVISIONS_SHARE if bench.compares_revisions else STEADY_SHARE
        # The last contender is the one that ours is compared with.
        usual = bench.measured.median(FULL, bench.contenders[-1], "messages_per_second")
        _in_turns(bench, scenario, STEADY, rate=share * (usual or 0.0))


def _in_turns(bench: Bench, scenario: Throughput, part: str, *, rate: float) -> None:
    for pair in range(bench.pairs):
        bench.pair(part, pair, replace(scenario.load, rate=rate), store=scenario.store)
