"""Compares our server with an older revision: the median ratio of the pairs, with a confidence interval."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import comb
from pathlib import Path
from statistics import median

from bench.launcher import BASELINE, OURS
from bench.results import Results, ScenarioRecord
from bench.scenario_kinds import FULL, Row

# With fewer pairs even the widest interval contains the true median with less than 95 % probability.
MIN_PAIRS = 6
_CONFIDENCE = 0.95
_THROUGHPUT = "messages_per_second"
_FIGURES = (
    (_THROUGHPUT, "messages", "/s", True),
    ("cpu_us_per_delivery", "server CPU per delivery", "µs", False),
    ("cpu_us_per_message", "server CPU per message", "µs", False),
    ("ack_p50_ms", "acknowledgement, p50", "ms", False),
    ("delivery_p99_ms", "delivery, p99", "ms", False),
    ("connections_per_second", "connections opened", "/s", True),
    ("entered_per_second", "connections ready", "/s", True),
    ("cpu_ms_per_connection", "server CPU per connection", "ms", False),
    ("kilobytes_per_connection", "memory per idle connection", "KB", False),
    ("requests_per_second", "requests", "/s", True),
    ("cpu_ms_per_request", "server CPU per request", "ms", False),
    ("scale", "two processes / one process", "times", True),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure: both medians, the median of the ratios ours / baseline, and its confidence interval."""

    scenario: str
    row: Row
    baseline: float
    ours: float
    ratio: float
    low: float
    high: float
    pairs: int
    # The load generator was the bottleneck for one of them: the true rates are higher and may differ more.
    limited: bool

    @property
    def verdict(self) -> str:
        """Return "better" or "worse" when the whole interval is on one side of 1, else ""."""
        if self.pairs < MIN_PAIRS or self.low <= 1 <= self.high:
            return ""
        return "better" if (self.low > 1) == self.row.more_is_better else "worse"


def compare(results: Results) -> Iterator[Comparison]:
    """Yield a comparison of each figure that both revisions have, in the order of measuring."""
    for name, record in results.scenarios.items():
        for part in record.parts:
            for row in _rows(part):
                if (comparison := _compare_row(name, record, row)) is not None:
                    yield comparison


def _rows(part: str) -> Iterator[Row]:
    for figure, title, unit, more_is_better in _FIGURES:
        # At a steady rate the message rate is given, not measured.
        if part == FULL or figure != _THROUGHPUT:
            yield Row(title, part, figure, unit, more_is_better)


def _compare_row(scenario: str, record: ScenarioRecord, row: Row) -> Comparison | None:
    ratios = record.ratios(row.part, row.figure, baseline=BASELINE)
    baseline, ours = (record.median(row.part, system, row.figure) for system in (BASELINE, OURS))
    if not ratios or baseline is None or ours is None:
        return None
    low, high = interval(ratios)
    limited = any(record.limited(row.part, system) for system in (BASELINE, OURS))
    return Comparison(scenario, row, baseline, ours, median(ratios), low, high, len(ratios), limited)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % confidence interval of the median by the sign test, which assumes no distribution: two order
    statistics of the values. Of fewer than `MIN_PAIRS` values it is the lowest and the highest.
    """
    ordered, count = sorted(values), len(values)
    index, tail = 0, 1 / 2**count
    # tail: the probability that at most `index` of the values are below the true median.
    while (tail := tail + comb(count, index + 1) / 2**count) <= (1 - _CONFIDENCE) / 2:
        index += 1
    return ordered[index], ordered[-1 - index]


def save(path: Path, results: Results, commits: dict[str, str]) -> None:
    """Write the comparison and the figures of every run as JSON; `commits` by system."""
    data = {
        "commits": commits,
        "machine": dict(results.machine),
        "compared": [{**asdict(one), "verdict": one.verdict} for one in compare(results)],
        "scenarios": {name: asdict(record) for name, record in results.scenarios.items()},
    }
    path.write_text(json.dumps(data, indent=1) + "\n")
