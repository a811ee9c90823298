"""One process of our server compared with two, on a core each, with the members spread over them.

On a machine with two cores the second process shares its core with generator and engines. So the throughput of two is
not measured but computed from the CPU time per delivery, at half the throughput of one process.
"""

from dataclasses import replace

from bench.launcher import REFERENCE
from bench.scenario_kinds import FULL, SCALE, Workers

from .runner import Runner

_SHARE = 0.5


def measure(runner: Runner, scenario: Workers) -> None:
    ours = replace(runner, systems=tuple(system for system in runner.systems if system != REFERENCE))
    for pair in range(runner.few_pairs):
        full = ours.run_pair(FULL, pair, scenario.workload)
        # Two revisions get the same rate, which the slower one can sustain.
        rate = _SHARE * min(figures["messages_per_second"] for figures in full.values())
        workload = replace(scenario.workload, rate=rate)
        one, two = (ours.run_pair(str(servers), pair, workload, servers=servers) for servers in (1, 2))
        for system in ours.systems:
            scale = 2 * one[system]["cpu_us_per_delivery"] / two[system]["cpu_us_per_delivery"]
            runner.add(SCALE, system, {"scale": scale})
