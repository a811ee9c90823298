"""The SVG plots of the page: the ratios of all pairs, and the curves."""

from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

from bench.launcher import OURS, REFERENCE
from bench.results import Results, ScenarioRecord
from bench.scenario_kinds import Curve, Row
from bench.scenarios import SCENARIOS

_COLOURS = {OURS: "#2f6f4f", REFERENCE: "#b0632f"}
# Deterministic output, and text as text instead of paths.
_SETTINGS = {"svg.hashsalt": "bench", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}


def draw(results: Results, folder: Path) -> None:
    """Write bench-ratios.svg and a plot for each measured curve."""
    with mpl.rc_context(_SETTINGS):
        _save(_ratios(results), folder / "bench-ratios.svg")
        for scenario in SCENARIOS:
            if isinstance(scenario, Curve) and scenario.name in results.scenarios:
                _save(_curve(scenario, results.scenarios[scenario.name]), folder / f"bench-{scenario.name}.svg")


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)


def _ratios(results: Results) -> Any:
    """How many times better ours is, with a dot per pair: right of 1, ours is better."""
    rows = [
        (row, gains)
        for scenario in SCENARIOS
        if scenario.name in results.scenarios
        for row in scenario.rows
        if (gains := _gains(results.scenarios[scenario.name], row))
    ]
    figure, axes = plt.subplots(figsize=(8, 0.8 + 0.36 * max(len(rows), 1)), layout="constrained")
    for position, (_, gains) in enumerate(rows):
        axes.barh(position, median(gains) - 1, left=1, height=0.6, color=_COLOURS[OURS], alpha=0.35)
        axes.plot(gains, [position] * len(gains), "o", color=_COLOURS[OURS], markersize=4)
    axes.set_yticks(range(len(rows)), [row.title for row, _ in rows])
    axes.invert_yaxis()
    axes.axvline(1, color=_COLOURS[REFERENCE])
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("times better than the reference")
    axes.grid(axis="x", alpha=0.3)
    return figure


def _gains(record: ScenarioRecord, row: Row) -> list[float]:
    ratios = record.ratios(row.part, row.figure)
    return ratios if row.more_is_better else [1 / ratio for ratio in ratios if ratio]


def _curve(scenario: Curve, record: ScenarioRecord) -> Any:
    figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
    for system, colour in _COLOURS.items():
        points = {int(part): record.median(part, system, "cpu_us_per_delivery") for part in record.parts}
        points_with_value = {point: value for point, value in points.items() if value is not None}
        if points_with_value:
            axes.plot(list(points_with_value), list(points_with_value.values()), "o-", color=colour, label=system)
    axes.set_xscale("log")
    axes.set_xticks(list(map(int, record.parts)), list(record.parts))
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_title(scenario.title)
    axes.set_xlabel("connected members" if scenario.axis == "members" else "groups")
    axes.set_ylabel("server CPU, µs per delivery")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure
