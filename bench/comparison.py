"""How our server compares with an older revision of it: the median of the pairs' ratios, and how sure that is."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import comb
from pathlib import Path
from statistics import median

from bench.results import Measured, Results
from bench.scenarios import FULL, Row
from bench.stage import BASELINE, OURS

# With fewer pairs no two of them enclose the true median often enough.
LEAST_PAIRS = 6
_CONFIDENCE = 0.95
_THROUGHPUT = "messages_per_second"
_FIGURES = (
    (_THROUGHPUT, "messages", "/s", True),
    ("cpu_us_per_delivery", "server CPU a delivery", "µs", False),
    ("cpu_us_per_message", "server CPU a message", "µs", False),
    ("ack_p50_ms", "acknowledged, p50", "ms", False),
    ("delivery_p99_ms", "delivery, p99", "ms", False),
    ("connections_per_second", "connections opened", "/s", True),
    ("entered_per_second", "connections in their rooms", "/s", True),
    ("cpu_ms_per_connection", "server CPU a connection", "ms", False),
    ("kilobytes_per_connection", "memory of an idle connection", "KB", False),
    ("scale", "two processes against one", "times", True),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure: the medians of both, the median of the ratios ours / baseline, and the interval around it."""

    scenario: str
    row: Row
    baseline: float
    ours: float
    ratio: float
    low: float
    high: float
    pairs: int
    # The generator's core was the limit for one of them: their true rates are higher, and may differ more.
    limited: bool

    @property
    def verdict(self) -> str:
        """Return "better" or "worse" where the whole interval is on one side of 1, else nothing."""
        if self.pairs < LEAST_PAIRS or self.low <= 1 <= self.high:
            return ""
        return "better" if (self.low > 1) == self.row.more_is_better else "worse"


def compare(results: Results) -> Iterator[Compared]:
    """Yield every figure that both revisions have, in the order of measuring."""
    for name, measured in results.scenarios.items():
        for part in measured.parts:
            for row in _rows(part):
                if (compared := _compared(name, measured, row)) is not None:
                    yield compared


def _rows(part: str) -> Iterator[Row]:
    for figure, title, unit, more_is_better in _FIGURES:
        # At a steady rate both get the same number of messages.
        if part == FULL or figure != _THROUGHPUT:
            yield Row(title, part, figure, unit, more_is_better)


def _compared(scenario: str, measured: Measured, row: Row) -> Compared | None:
    ratios = measured.ratios(row.part, row.figure, than=BASELINE)
    baseline, ours = (measured.median(row.part, contender, row.figure) for contender in (BASELINE, OURS))
    if not ratios or baseline is None or ours is None:
        return None
    low, high = interval(ratios)
    limited = any(measured.limited(row.part, contender) for contender in (BASELINE, OURS))
    return Compared(scenario, row, baseline, ours, median(ratios), low, high, len(ratios), limited)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % confidence interval of the median, whatever the distribution: the two order statistics that
    the sign test gives. Of fewer than `LEAST_PAIRS` values it is the lowest and the highest.
    """
    ordered, count = sorted(values), len(values)
    place, tail = 0, 1 / 2**count
    # tail: how likely it is that so few values lie below the true median.
    while (tail := tail + comb(count, place + 1) / 2**count) <= (1 - _CONFIDENCE) / 2:
        place += 1
    return ordered[place], ordered[-1 - place]


def save(path: Path, results: Results, commits: dict[str, str]) -> None:
    """Write the comparison and the figures of every run as JSON; `commits` are those compared, by contender."""
    data = {
        "commits": commits,
        "machine": dict(results.machine),
        "compared": [{**asdict(one), "verdict": one.verdict} for one in compare(results)],
        "scenarios": {name: asdict(measured) for name, measured in results.scenarios.items()},
    }
    path.write_text(json.dumps(data, indent=1) + "\n")
