"""A curve: the same steady load on more and more members, or groups."""

from bench.scenarios import Curve

from .bench import Bench

_QUICK_POINTS = 2


def measure(bench: Bench, scenario: Curve) -> None:
    points = scenario.points[:_QUICK_POINTS] if bench.quick else scenario.points
    groups, members = scenario.shape
    shape = (groups, points[-1]) if scenario.axis == "members" else (points[-1], members)
    for point in points:
        load = scenario.load(point)
        # The first message of each group reads the end of its log: that is over before anything is measured.
        warm = 1.2 * load.groups / load.rate
        for pair in range(bench.few_pairs):
            bench.pair(str(point), pair, load, shape=shape, warm=warm)
