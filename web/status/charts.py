"""Charts of the last fifteen minutes as paths of SVG, which need no script."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from health.exchange import HISTORY_SECONDS

WIDTH, HEIGHT = 300.0, 72.0
# A line is broken where nothing was noted for so long, in seconds.
_MAX_GAP = 30.0
# The line of the highest value is not cut in half by the edge.
_MARGIN = 2.0

Point = dict[str, Any]
Format = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Series:
    """A line: its name in the legend, and its value at a point."""

    name: str
    value: Callable[[Point], float]


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template needs; `readings` are [x, seconds since 1970, text] of each point, for a pointer over it."""

    title: str
    now: str
    top: str
    summary: str
    lines: list[dict[str, str]]
    area: str
    readings: list[tuple[float, float, str]]

    @property
    def readings_json(self) -> str:
        return json.dumps(self.readings, separators=(",", ":"))


def draw_chart(
    title: str, history: Sequence[Point], series: Sequence[Series], written: Format, *, now: float, floor: float
) -> Chart:
    """Return a chart from zero up to a round number that is `floor` at least."""
    values = [[each.value(point) for point in history] for each in series]
    top = round_up(max([floor, *(value for line in values for value in line)]))
    xs = [_x(point["at"], now) for point in history]
    lines = [
        {"name": each.name, "path": _path(xs, line, top), "now": written(line[-1]) if line else gettext("none")}
        for each, line in zip(series, values, strict=True)
    ]
    latest = ", ".join(f"{line['name']} {line['now']}".strip() for line in lines)
    return Chart(
        title=title,
        now=lines[0]["now"] if len(lines) == 1 else "",
        top=written(top),
        summary=gettext("%(title)s over the last 15 minutes: now %(latest)s, scale up to %(top)s.")
        % {"title": title, "latest": latest, "top": written(top)},
        lines=lines,
        area=_area(xs, values[0], top) if len(lines) == 1 else "",
        readings=[
            (x, point["at"], " · ".join(written(line[index]) for line in values))
            for index, (x, point) in enumerate(zip(xs, history, strict=True))
        ],
    )


def round_up(value: float) -> float:
    """Return the next of 1, 2, 5, 10, 20, ... and of their parts."""
    if value <= 0:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(value))
    return next(step * unit for step in (1, 2, 5, 10) if step * unit >= value * (1 - 1e-9))


def _x(at: float, now: float) -> float:
    share = 1 - (now - at) / HISTORY_SECONDS
    return round(WIDTH * min(1.0, max(0.0, share)), 1)


def _y(value: float, top: float) -> float:
    return round(HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * value / top, 1)


def _runs(xs: Sequence[float], line: Sequence[float], top: float) -> list[list[tuple[float, float]]]:
    """Return the points of a line, in pieces where nothing was noted in between."""
    gap = WIDTH * _MAX_GAP / HISTORY_SECONDS
    runs: list[list[tuple[float, float]]] = []
    for x, value in zip(xs, line, strict=True):
        if not runs or x - runs[-1][-1][0] > gap:
            runs.append([])
        runs[-1].append((x, _y(value, top)))
    return runs


def _path(xs: Sequence[float], line: Sequence[float], top: float) -> str:
    return " ".join(_joined(run) for run in _runs(xs, line, top))


def _area(xs: Sequence[float], line: Sequence[float], top: float) -> str:
    return " ".join(f"{_joined(run)} L{run[-1][0]} {HEIGHT} L{run[0][0]} {HEIGHT} Z" for run in _runs(xs, line, top))


def _joined(run: Sequence[tuple[float, float]]) -> str:
    # A run of one point is a dot: a line without length, with round ends.
    points = run if len(run) > 1 else [run[0], run[0]]
    return "M" + " L".join(f"{x} {y}" for x, y in points)
