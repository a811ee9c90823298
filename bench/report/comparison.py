"""The table that `bin/bench --against` prints."""

from collections.abc import Iterable, Sequence

from bench.comparison import MIN_PAIRS, Comparison
from bench.report.tables import number

_HEAD = ("", "baseline", "this", "ratio")


def comparison_table(comparisons: Sequence[Comparison]) -> str:
    """Return a Markdown table with a row per figure, padded so that its columns are aligned in a terminal."""
    if not comparisons:
        return "No figure was measured for both revisions."
    has_interval = min(each.pairs for each in comparisons) >= MIN_PAIRS
    head = [*_HEAD, "95 % interval" if has_interval else "lowest - highest", ""]
    rows = [head, *map(_row, comparisons)]
    widths = [max(3, *map(len, column)) for column in zip(*rows, strict=True)]
    rule = ["-" * widths[0], *(f"{'-' * (width - 1)}:" for width in widths[1:-1]), "-" * widths[-1]]
    return "\n".join(f"| {' | '.join(_padded(row, widths))} |" for row in (head, rule, *rows[1:]))


def _row(comparison: Comparison) -> list[str]:
    scenario, row = comparison.scenario, comparison.row
    at_least = "≥ " if comparison.limited and row.more_is_better else ""
    return [
        f"{scenario if row.part == scenario else f'{scenario}, {row.part}'}: {row.title}",
        *(at_least + number(value, row.unit) for value in (comparison.baseline, comparison.ours)),
        f"{comparison.ratio:.3f}",
        f"{comparison.low:.3f} - {comparison.high:.3f}",
        comparison.verdict,
    ]


def _padded(cells: Sequence[str], widths: Iterable[int]) -> list[str]:
    """Align text, in the first and the last column, to the left, and figures to the right."""
    last = len(cells) - 1
    return [
        cell.ljust(width) if index in (0, last) else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
