"""What every measurement needs: the stage, how often and how long, and where its figures go."""

from dataclasses import dataclass, field, replace
from typing import Any

from bench.load.run import Load, Timing, run
from bench.loop import on_loop
from bench.results import Figures, Measured
from bench.stage import OURS, THEIRS, Serving, Stage
from bin.local.console import say

# Curves and what is ours alone vary less than a race of two at full load.
FEW_PAIRS = 3
_SHOWN = {
    "messages_per_second": "{:,.0f} messages/s",
    "deliveries_per_second": "{:,.0f} deliveries/s",
    "ack_p50_ms": "ack p50 {:.1f} ms",
    "delivery_p99_ms": "delivery p99 {:.1f} ms",
    "cpu_us_per_delivery": "{:.1f} µs CPU a delivery",
    "kilobytes_per_connection": "{:.1f} KB a connection",
    "connections_per_second": "{:,.0f} connections/s",
    "cpu_ms_per_connection": "{:.2f} ms CPU each",
    "resumed_seconds": "all back after {:.2f} s",
    "scale": "two cores could do {:.2f} times as much",
    "p50_ms": "p50 {:.1f} ms",
    "p99_ms": "p99 {:.1f} ms",
}


@dataclass
class Bench:
    """`contenders` are ours and, where it could be installed, the reference; they take turns."""

    stage: Stage
    measured: Measured
    timing: Timing
    quick: bool = False
    contenders: tuple[str, ...] = field(default=(OURS, THEIRS))

    @property
    def pairs(self) -> int:
        return self.measured.pairs

    @property
    def few_pairs(self) -> int:
        return min(self.pairs, FEW_PAIRS)

    def size(self, number: int) -> int:
        """Return how many to take where this many are wanted: a tenth in a quick run."""
        return max(1, number // 10) if self.quick else number

    def load(self, serving: Serving, load: Load, *, warm: float = 0.0) -> Figures:
        """Put a load on what serves and return the figures; `warm` is the least time before they are taken."""
        timing = replace(self.timing, warm=max(self.timing.warm, warm))
        return on_loop(run(load, serving.fixture, serving.target, timing))

    def note(self, part: str, contender: str, figures: Figures) -> None:
        """Keep the figures, and show the telling ones while the rest is measured."""
        self.measured.add(part, contender, figures)
        say(f"  {part:<8} {contender:<12} {', '.join(_telling(figures))}")


def _telling(figures: dict[str, Any]) -> list[str]:
    shown = [pattern.format(figures[name]) for name, pattern in _SHOWN.items() if name in figures]
    wrong = [f"{figures[name]:,} {name}" for name in ("lost", "twice", "disordered", "refused") if figures.get(name)]
    return [*shown, *wrong, *(["the generator was the limit"] if figures.get("generator_limits") else [])]
