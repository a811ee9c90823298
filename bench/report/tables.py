"""The tables of the page, rendered from the stored results."""

from collections.abc import Iterator, Sequence

from bench.launcher import OURS, REFERENCE
from bench.results import Results, ScenarioRecord
from bench.scenario_kinds import Http, Idle, Row, Throughput
from bench.scenarios import SCENARIOS

# Figure, heading, format.
_COLUMNS = (
    ("messages_per_second", "messages/s", "{:,.0f}"),
    ("deliveries_per_second", "deliveries/s", "{:,.0f}"),
    ("ack_p50_ms", "ack p50 ms", "{:.1f}"),
    ("ack_p99_ms", "ack p99 ms", "{:.1f}"),
    ("delivery_p50_ms", "delivery p50 ms", "{:.1f}"),
    ("delivery_p99_ms", "delivery p99 ms", "{:.1f}"),
    ("cpu_us_per_message", "CPU µs per message", "{:,.0f}"),
    ("cpu_us_per_delivery", "CPU µs per delivery", "{:.1f}"),
    ("clients", "clients", "{:,.0f}"),
    ("connections", "connections", "{:,.0f}"),
    ("missed", "missed", "{:,.0f}"),
    ("connections_per_second", "connections/s", "{:,.0f}"),
    ("entered_per_second", "ready/s", "{:,.0f}"),
    ("cpu_ms_per_connection", "CPU ms per connection", "{:.2f}"),
    ("kilobytes_per_connection", "KB per connection", "{:.1f}"),
    ("kilobytes_of_a_further_one", "KB per connection, second half", "{:.1f}"),
    ("resumed_seconds", "all resumed after s", "{:.2f}"),
    ("resume_reads", "log reads", "{:,.0f}"),
    ("scale", "times", "{:.2f}"),
    ("requests", "requests", "{:,.0f}"),
    ("requests_per_second", "requests/s", "{:,.0f}"),
    ("p50_ms", "p50 ms", "{:.1f}"),
    ("p99_ms", "p99 ms", "{:.1f}"),
    ("cpu_ms_per_request", "CPU ms per request", "{:.2f}"),
    ("kilobytes", "KB", "{:.1f}"),
    ("kilobytes_raw", "KB uncompressed", "{:.1f}"),
    ("seen_p50_ms", "seen p50 ms", "{:.0f}"),
    ("seen_p95_ms", "seen p95 ms", "{:.0f}"),
    ("longest_task_ms", "longest task, CPU ms", "{:.0f}"),
    ("browser_ms_per_message", "browser CPU ms per message", "{:.1f}"),
    ("heap_mb", "heap MB", "{:.1f}"),
    ("elements", "elements", "{:,.0f}"),
    ("server_busy", "busy", "{:.0%}"),
    ("generator_busy", "generator", "{:.0%}"),
    ("cores_busy", "cores", "{:.0%}"),
)
_ADVANTAGE = 1.05
_COUNTED = ("acked", "deliveries", "lost", "twice", "disordered", "refused")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose first column is text and the others are figures; empty without rows."""
    if not rows:
        return ""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def number(value: float | None, unit: str = "") -> str:
    """Return the value with about three significant digits and its unit."""
    if value is None:
        return "-"
    if not unit and float(value).is_integer():
        return f"{value:,.0f}"
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{text} {unit}".strip() if not unit.startswith("/") else text + unit


# --- the summary -----------------------------------------------------------------------------------------------------
def summary_table(results: Results) -> str:
    """Return the table of the figures measured for both servers, with their ratio."""
    rows = [_comparison_cells(record, row) for record, row in _rows(results, ours_only=False)]
    return table(("", OURS, REFERENCE, "ratio"), rows)


def ours_only_table(results: Results) -> str:
    """Return the table of the figures measured for our server only."""
    rows = [
        [row.title, number(record.median(row.part, OURS, row.figure), row.unit)]
        for record, row in _rows(results, ours_only=True)
    ]
    return table(("", OURS), rows)


def _rows(results: Results, *, ours_only: bool) -> Iterator[tuple[ScenarioRecord, Row]]:
    for scenario in SCENARIOS:
        if scenario.name in results.scenarios and isinstance(scenario, Throughput | Idle | Http) != ours_only:
            for row in scenario.rows:
                yield results.scenarios[scenario.name], row


def _comparison_cells(record: ScenarioRecord, row: Row) -> list[str]:
    values = [
        ("≥ " if row.more_is_better and record.limited(row.part, system) else "")
        + number(record.median(row.part, system, row.figure), row.unit)
        for system in (OURS, REFERENCE)
    ]
    return [row.title, *values, _ratio(record.ratio(row.part, row.figure), row)]


def _ratio(ratio: float | None, row: Row) -> str:
    if ratio is None:
        return "-"
    gain = ratio if row.more_is_better else 1 / ratio
    text = f"{ratio:.2f}"
    return f"**{text}**" if gain >= _ADVANTAGE else text


def delivery_summary(results: Results) -> str:
    """Return a sentence on lost, duplicate and reordered deliveries in all runs of our server."""
    runs = [run for m in results.scenarios.values() for part in m.parts.values() for run in part.get(OURS, [])]
    sums = {name: sum(run.get(name, 0) for run in runs) for name in _COUNTED}
    return (
        f"In all runs of our server, {sums['acked']:,} messages were acknowledged and {sums['deliveries']:,} "
        "deliveries made. "
        f"{sums['lost']:,} were lost, {sums['twice']:,} were duplicates, {sums['disordered']:,} members saw another "
        f"order, and {sums['refused']:,} messages were refused."
    )


# --- all figures -----------------------------------------------------------------------------------------------------
def figures_table(record: ScenarioRecord) -> str:
    """Return a row for each part of a scenario and each system, and the requests to DynamoDB where counted."""
    keys = [(part, system) for part, systems in record.parts.items() for system in systems]
    has_reference = any(system == REFERENCE for _, system in keys)
    columns = [
        column
        for column in _COLUMNS
        if any(record.median(part, system, column[0]) is not None for part, system in keys)
    ]
    rows = [
        [f"{part}, {system}" if has_reference else part, *_cells(record, part, system, columns)]
        for part, system in keys
    ]
    head = ["", *(heading for _, heading, _ in columns)]
    return "\n\n".join(filter(None, [table(head, rows), "\n".join(_operations(record))]))


def _cells(record: ScenarioRecord, part: str, system: str, columns: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    for figure, _, pattern in columns:
        value = record.median(part, system, figure)
        yield "-" if value is None else pattern.format(value)


def _operations(record: ScenarioRecord) -> Iterator[str]:
    """Yield a line for each part with the requests to DynamoDB in its last run."""
    for part in record.parts:
        runs = record.runs(part)
        if runs and "operations" in runs[-1]:
            counts = sorted(runs[-1]["operations"].items(), key=lambda item: -item[1])
            requests = ", ".join(f"{count:,} {_short_name(name)}" for name, count in counts) or "none"
            yield f"* {part}, requests to DynamoDB: {requests}."


def _short_name(operation: str) -> str:
    """Return `Query Messages` of `Query bench-1x1000-Messages`."""
    name, _, tables = operation.partition(" ")
    return f"`{name} {'+'.join(table.rpartition('-')[2] for table in tables.split('+'))}`"
