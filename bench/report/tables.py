"""The tables of the page, from the kept figures."""

from collections.abc import Iterator, Sequence

from bench.results import Measured, Results
from bench.scenarios import SCENARIOS, Idle, Row, Throughput
from bench.stage import OURS, THEIRS

# Figure, heading, how it is written.
_COLUMNS = (
    ("messages_per_second", "messages/s", "{:,.0f}"),
    ("deliveries_per_second", "deliveries/s", "{:,.0f}"),
    ("ack_p50_ms", "ack p50 ms", "{:.1f}"),
    ("ack_p99_ms", "ack p99 ms", "{:.1f}"),
    ("delivery_p50_ms", "delivery p50 ms", "{:.1f}"),
    ("delivery_p99_ms", "delivery p99 ms", "{:.1f}"),
    ("cpu_us_per_message", "CPU µs a message", "{:,.0f}"),
    ("cpu_us_per_delivery", "CPU µs a delivery", "{:.1f}"),
    ("clients", "clients", "{:,.0f}"),
    ("connections", "connections", "{:,.0f}"),
    ("missed", "missed", "{:,.0f}"),
    ("connections_per_second", "connections/s", "{:,.0f}"),
    ("entered_per_second", "in their rooms/s", "{:,.0f}"),
    ("cpu_ms_per_connection", "CPU ms each", "{:.2f}"),
    ("kilobytes_per_connection", "KB each", "{:.1f}"),
    ("kilobytes_of_a_further_one", "KB a further one", "{:.1f}"),
    ("resumed_seconds", "all back after s", "{:.2f}"),
    ("resume_reads", "reads of the log", "{:,.0f}"),
    ("scale", "times", "{:.2f}"),
    ("requests", "requests", "{:,.0f}"),
    ("p50_ms", "p50 ms", "{:.1f}"),
    ("p99_ms", "p99 ms", "{:.1f}"),
    ("server_busy", "busy", "{:.0%}"),
    ("generator_busy", "generator", "{:.0%}"),
    ("cores_busy", "cores", "{:.0%}"),
)
_ADVANTAGE = 1.05
_COUNTED = ("acked", "deliveries", "lost", "twice", "disordered", "refused")


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are figures. Without lines it is nothing."""
    if not lines:
        return ""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))


def number(value: float | None, unit: str = "") -> str:
    """Return three digits or so, as a person writes them."""
    if value is None:
        return "-"
    if not unit and float(value).is_integer():
        return f"{value:,.0f}"
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{text} {unit}".strip() if not unit.startswith("/") else text + unit


# --- the summary -----------------------------------------------------------------------------------------------------
def summary_table(results: Results) -> str:
    """Return the table of what both servers were measured for: ours, the reference's, and the ratio."""
    lines = [_compared(measured, row) for measured, row in _rows(results, alone=False)]
    return table(("", OURS, THEIRS, "ratio"), lines)


def alone_table(results: Results) -> str:
    """Return the table of what ours alone was measured for."""
    lines = [
        [row.title, number(measured.median(row.part, OURS, row.figure), row.unit)]
        for measured, row in _rows(results, alone=True)
    ]
    return table(("", OURS), lines)


def _rows(results: Results, *, alone: bool) -> Iterator[tuple[Measured, Row]]:
    for scenario in SCENARIOS:
        if scenario.name in results.scenarios and isinstance(scenario, Throughput | Idle) != alone:
            for row in scenario.rows:
                yield results.scenarios[scenario.name], row


def _compared(measured: Measured, row: Row) -> list[str]:
    sides = [
        ("≥ " if row.more_is_better and measured.limited(row.part, contender) else "")
        + number(measured.median(row.part, contender, row.figure), row.unit)
        for contender in (OURS, THEIRS)
    ]
    return [row.title, *sides, _ratio(measured.ratio(row.part, row.figure), row)]


def _ratio(ratio: float | None, row: Row) -> str:
    if ratio is None:
        return "-"
    gain = ratio if row.more_is_better else 1 / ratio
    text = f"{ratio:.2f}"
    return f"**{text}**" if gain >= _ADVANTAGE else text


def promises(results: Results) -> str:
    """Return what was lost, doubled or out of order in all runs of ours."""
    runs = [run for m in results.scenarios.values() for part in m.parts.values() for run in part.get(OURS, [])]
    sums = {name: sum(run.get(name, 0) for run in runs) for name in _COUNTED}
    return (
        f"In all runs of ours {sums['acked']:,} messages were acknowledged and {sums['deliveries']:,} deliveries made. "
        f"{sums['lost']:,} were lost, {sums['twice']:,} came twice, {sums['disordered']:,} members saw another order, "
        f"and {sums['refused']:,} messages were refused."
    )


# --- all figures -----------------------------------------------------------------------------------------------------
def figures_table(measured: Measured) -> str:
    """Return every part of a scenario: a line for each server where there are two, and what the store was asked."""
    sides = [(part, contender) for part, contenders in measured.parts.items() for contender in contenders]
    both = any(contender == THEIRS for _, contender in sides)
    columns = [
        column
        for column in _COLUMNS
        if any(measured.median(part, contender, column[0]) is not None for part, contender in sides)
    ]
    lines = [
        [f"{part}, {contender}" if both else part, *_cells(measured, part, contender, columns)]
        for part, contender in sides
    ]
    head = ["", *(heading for _, heading, _ in columns)]
    return "\n\n".join(filter(None, [table(head, lines), "\n".join(_operations(measured))]))


def _cells(measured: Measured, part: str, contender: str, columns: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    for figure, _, pattern in columns:
        value = measured.median(part, contender, figure)
        yield "-" if value is None else pattern.format(value)


def _operations(measured: Measured) -> Iterator[str]:
    """Yield for each part what the store was asked, in the last run."""
    for part in measured.parts:
        runs = measured.runs(part)
        if runs and "operations" in runs[-1]:
            counts = sorted(runs[-1]["operations"].items(), key=lambda item: -item[1])
            asked = ", ".join(f"{count:,} {_plainly(name)}" for name, count in counts) or "nothing"
            yield f"* {part}: the store was asked for {asked}."


def _plainly(operation: str) -> str:
    """Return `Query Messages` of `Query bench-1x1000-Messages`."""
    name, _, tables = operation.partition(" ")
    return f"`{name} {'+'.join(table.rpartition('-')[2] for table in tables.split('+'))}`"
