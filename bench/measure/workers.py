"""One process of our server against two, each on a core of its own, with the members spread over them.

On two cores the generator and the engines share one with the second process, so how much two could do is not measured
but worked out: from the CPU time a delivery, at a steady rate that is half of what one process can do.
"""

from dataclasses import replace

from bench.results import Figures
from bench.scenarios import FULL, SCALE, Workers
from bench.stage import OURS

from .bench import Bench

_SHARE = 0.5


def measure(bench: Bench, scenario: Workers) -> None:
    for _ in range(bench.few_pairs):
        full = _run(bench, scenario, FULL, servers=1, rate=0.0)
        rate = _SHARE * full["messages_per_second"]
        one, two = (_run(bench, scenario, str(servers), servers=servers, rate=rate) for servers in (1, 2))
        bench.note(SCALE, OURS, {"scale": 2 * one["cpu_us_per_delivery"] / two["cpu_us_per_delivery"]})


def _run(bench: Bench, scenario: Workers, part: str, *, servers: int, rate: float) -> Figures:
    load = replace(scenario.load, rate=rate)
    with bench.stage.serving(OURS, (load.groups, load.members), servers=servers) as serving:
        figures = bench.load(serving, load)
    bench.note(part, OURS, figures)
    return figures
