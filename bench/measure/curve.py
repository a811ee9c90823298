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
        for _ in range(bench.few_pairs):
            for contender in bench.contenders:
                with bench.stage.serving(contender, shape) as serving:
                    bench.note(str(point), contender, bench.load(serving, load, warm=warm))
