"""What every measurement needs: the stage, how often and how long, and where its figures go."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from bench.load.run import Load, Timing
from bench.load.turns import run_side_by_side
from bench.loop import on_loop
from bench.results import Figures, Measured
from bench.stage import BASELINE, FIXED, OURS, THEIRS, Serving, Stage
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
    """`contenders` are ours and, where it could be installed, the reference, or an older revision of ours."""

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
        return self.pairs if self.compares_revisions else min(self.pairs, FEW_PAIRS)

    @property
    def compares_revisions(self) -> bool:
        return BASELINE in self.contenders

    def size(self, number: int) -> int:
        """Return how many to take where this many are wanted: a tenth in a quick run."""
        return max(1, number // 10) if self.quick else number

    def pair(
        self,
        part: str,
        pair: int,
        load: Load,
        *,
        shape: tuple[int, int] | None = None,
        store: str = FIXED,
        servers: int = 1,
        warm: float = 0.0,
    ) -> dict[str, Figures]:
        """Put the same load on each contender, note the figures and return them.

        Two revisions of ours run side by side and take turns of half a second; any others run one after the other.
        `warm` is the least time before anything is measured.
        """
        timing, found = replace(self.timing, warm=max(self.timing.warm, warm)), {}
        for contenders in self.together(pair):
            with self.serving(contenders, shape or (load.groups, load.members), store=store, servers=servers) as served:
                measured = on_loop(run_side_by_side(load, [(one.fixture, one.target) for one in served], timing))
            for contender, figures in zip(contenders, measured, strict=True):
                found[contender] = {"rate": load.rate, **figures}
                self.note(part, contender, found[contender])
        return found

    def together(self, pair: int) -> list[tuple[str, ...]]:
        """Return which contenders run at the same time, group after group; see `pair`."""
        if not self.compares_revisions:
            return [(contender,) for contender in self.contenders]
        return [self.contenders[::-1] if pair % 2 else self.contenders]

    @contextmanager
    def serving(self, contenders: Sequence[str], shape: tuple[int, int], **options: Any) -> Iterator[list[Serving]]:
        """Run these contenders at the same time, on the same core; `options` are those of `Stage.serving`."""
        with ExitStack() as stack:
            yield [stack.enter_context(self.stage.serving(contender, shape, **options)) for contender in contenders]

    def note(self, part: str, contender: str, figures: Figures) -> None:
        """Keep the figures, and show the telling ones while the rest is measured."""
        self.measured.add(part, contender, figures)
        say(f"  {part:<8} {contender:<12} {', '.join(_telling(figures))}")


def _telling(figures: dict[str, Any]) -> list[str]:
    shown = [pattern.format(figures[name]) for name, pattern in _SHOWN.items() if name in figures]
    wrong = [f"{figures[name]:,} {name}" for name in ("lost", "twice", "disordered", "refused") if figures.get(name)]
    return [*shown, *wrong, *(["the generator was the limit"] if figures.get("generator_limits") else [])]
