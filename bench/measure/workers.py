"""One process of our server against two, each on a core of its own, with the members spread over them.

On two cores the generator and the engines share one with the second process, so the rate says little; the CPU time a
delivery says what the second process costs, and with it what two whole cores could do.
"""

from bench.scenarios import Workers
from bench.stage import OURS

from .bench import Bench


def measure(bench: Bench, scenario: Workers) -> None:
    load = scenario.load
    for _ in range(bench.few_pairs):
        for servers in (1, 2):
            with bench.stage.serving(OURS, (load.groups, load.members), servers=servers) as serving:
                bench.note(str(servers), OURS, bench.load(serving, load))
