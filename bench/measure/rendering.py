"""A fan-out to clients that get HTML, compared with the same to clients that do not: what rendering costs a delivery.

At half the throughput of the slower one, so that both write batches of the same size.
"""

from dataclasses import replace

from bench.launcher import REFERENCE
from bench.scenario_kinds import FULL, HTML, PLAIN, SHARE, Rendering

from .runner import Runner

_SHARE = 0.5


def measure(runner: Runner, scenario: Rendering) -> None:
    ours = replace(runner, systems=tuple(system for system in runner.systems if system != REFERENCE))
    workloads = {PLAIN: scenario.workload, HTML: replace(scenario.workload, render=True)}
    for pair in range(runner.few_pairs):
        full = ours.run_pair(FULL, pair, workloads[HTML])
        rate = _SHARE * min(figures["messages_per_second"] for figures in full.values())
        # Each is the first one in turn.
        parts = [PLAIN, HTML] if pair % 2 == 0 else [HTML, PLAIN]
        runs = {part: ours.run_pair(part, pair, replace(workloads[part], rate=rate)) for part in parts}
        for system in ours.systems:
            share = runs[HTML][system]["cpu_us_per_delivery"] / runs[PLAIN][system]["cpu_us_per_delivery"]
            runner.add(SHARE, system, {"share": share})
