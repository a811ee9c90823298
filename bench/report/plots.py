"""The plots of the page, as SVG: ratios with their spread over the pairs, and the curves."""

from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

from bench.results import Measured, Results
from bench.scenarios import SCENARIOS, Curve, Row
from bench.stage import OURS, THEIRS

_COLOURS = {OURS: "#2f6f4f", THEIRS: "#b0632f"}
# The same figures give the same file, and text stays text.
_SETTINGS = {"svg.hashsalt": "bench", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}


def draw(results: Results, folder: Path) -> None:
    """Write bench-ratios.svg, and a plot for each curve that was measured."""
    with mpl.rc_context(_SETTINGS):
        _save(_ratios(results), folder / "bench-ratios.svg")
        for scenario in SCENARIOS:
            if isinstance(scenario, Curve) and scenario.name in results.scenarios:
                _save(_curve(scenario, results.scenarios[scenario.name]), folder / f"bench-{scenario.name}.svg")


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)


def _ratios(results: Results) -> Any:
    """How many times better ours is, a dot for each pair: to the right of 1 ours is ahead."""
    rows = [
        (row, gains)
        for scenario in SCENARIOS
        if scenario.name in results.scenarios
        for row in scenario.rows
        if (gains := _gains(results.scenarios[scenario.name], row))
    ]
    figure, axes = plt.subplots(figsize=(8, 0.8 + 0.36 * max(len(rows), 1)), layout="constrained")
    for place, (_, gains) in enumerate(rows):
        axes.barh(place, median(gains) - 1, left=1, height=0.6, color=_COLOURS[OURS], alpha=0.35)
        axes.plot(gains, [place] * len(gains), "o", color=_COLOURS[OURS], markersize=4)
    axes.set_yticks(range(len(rows)), [row.title for row, _ in rows])
    axes.invert_yaxis()
    axes.axvline(1, color=_COLOURS[THEIRS])
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("times better than the reference")
    axes.grid(axis="x", alpha=0.3)
    return figure


def _gains(measured: Measured, row: Row) -> list[float]:
    ratios = measured.ratios(row.part, row.figure)
    return ratios if row.more_is_better else [1 / ratio for ratio in ratios if ratio]


def _curve(scenario: Curve, measured: Measured) -> Any:
    figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
    for contender, colour in _COLOURS.items():
        points = {int(part): measured.median(part, contender, "cpu_us_per_delivery") for part in measured.parts}
        known = {point: value for point, value in points.items() if value is not None}
        if known:
            axes.plot(list(known), list(known.values()), "o-", color=colour, label=contender)
    axes.set_xscale("log")
    axes.set_xticks(list(map(int, measured.parts)), list(measured.parts))
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_title(scenario.title)
    axes.set_xlabel("members connected" if scenario.axis == "members" else "groups")
    axes.set_ylabel("server CPU, µs a delivery")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure
