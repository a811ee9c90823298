"""One process of our server against two, each on a core of its own, with the members spread over them.

On two cores the generator and the engines share one with the second process, so how much two could do is not measured
but worked out: from the CPU time a delivery, at a steady rate that is half of what one process can do.
"""

from dataclasses import replace

from bench.scenarios import FULL, SCALE, Workers
from bench.stage import THEIRS

from .bench import Bench

_SHARE = 0.5


def measure(bench: Bench, scenario: Workers) -> None:
    ours = replace(bench, contenders=tuple(contender for contender in bench.contenders if contender != THEIRS))
    for pair in range(bench.few_pairs):
        full = ours.pair(FULL, pair, scenario.load)
        # Of two revisions both get what the slower one can bear.
        rate = _SHARE * min(figures["messages_per_second"] for figures in full.values())
        load = replace(scenario.load, rate=rate)
        one, two = (ours.pair(str(servers), pair, load, servers=servers) for servers in (1, 2))
        for contender in ours.contenders:
            scale = 2 * one[contender]["cpu_us_per_delivery"] / two[contender]["cpu_us_per_delivery"]
            bench.note(SCALE, contender, {"scale": scale})
