"""One process of our server against two, each on a core of its own, with the members spread over them.

On two cores the generator and the engines share one with the second process, so the rate says little; the CPU time a
delivery says what the second process costs, and with it what two whole cores could do.
"""

from bench.results import Figures
from bench.scenarios import SCALE, Workers
from bench.stage import OURS

from .bench import Bench


def measure(bench: Bench, scenario: Workers) -> None:
    for _ in range(bench.few_pairs):
        one, two = (_run(bench, scenario, servers) for servers in (1, 2))
        bench.note(SCALE, OURS, {"scale": 2 * one["cpu_us_per_delivery"] / two["cpu_us_per_delivery"]})


def _run(bench: Bench, scenario: Workers, servers: int) -> Figures:
    load = scenario.load
    with bench.stage.serving(OURS, (load.groups, load.members), servers=servers) as serving:
        figures = bench.load(serving, load)
    bench.note(str(servers), OURS, figures)
    return figures
