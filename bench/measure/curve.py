"""Curves: server CPU per delivery at a steady rate, for a growing number of members or groups."""

from bench.scenario_kinds import Curve

from .runner import Runner

_QUICK_POINTS = 2


def measure(runner: Runner, scenario: Curve) -> None:
    points = scenario.points[:_QUICK_POINTS] if runner.quick else scenario.points
    groups, members = scenario.shape
    shape = (groups, points[-1]) if scenario.axis == "members" else (points[-1], members)
    for point in points:
        workload = scenario.workload_at(point)
        # A group's first message reads the end of its log: warm up until each group has had one.
        min_warm_up = 1.2 * workload.groups / workload.rate
        for pair in range(runner.few_pairs):
            runner.run_pair(str(point), pair, workload, shape=shape, min_warm_up=min_warm_up)
