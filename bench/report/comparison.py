"""The table that `bin/bench --against` prints."""

from collections.abc import Iterable, Sequence

from bench.comparison import LEAST_PAIRS, Compared
from bench.report.tables import number

_HEAD = ("", "baseline", "this", "ratio")


def comparison_table(compared: Sequence[Compared]) -> str:
    """Return a line for each figure, in columns that a terminal shows straight, and Markdown too."""
    if not compared:
        return "Nothing was measured of both."
    enough = min(one.pairs for one in compared) >= LEAST_PAIRS
    head = [*_HEAD, "95 % interval" if enough else "lowest - highest", ""]
    lines = [head, *map(_line, compared)]
    widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * widths[0], *(f"{'-' * (width - 1)}:" for width in widths[1:-1]), "-" * widths[-1]]
    return "\n".join(f"| {' | '.join(_padded(line, widths))} |" for line in (head, rule, *lines[1:]))


def _line(one: Compared) -> list[str]:
    least = "≥ " if one.limited and one.row.more_is_better else ""
    return [
        f"{one.scenario if one.row.part == one.scenario else f'{one.scenario}, {one.row.part}'}: {one.row.title}",
        *(least + number(value, one.row.unit) for value in (one.baseline, one.ours)),
        f"{one.ratio:.3f}",
        f"{one.low:.3f} - {one.high:.3f}",
        one.verdict,
    ]


def _padded(cells: Sequence[str], widths: Iterable[int]) -> list[str]:
    """Align the first and the last to the left, figures to the right."""
    last = len(cells) - 1
    return [
        cell.ljust(width) if place in (0, last) else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
