"""What every measurement needs: the systems under test, the number and length of runs, and where figures go."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from bench.launcher import BASELINE, OURS, REFERENCE, STUBBED, Launcher, RunningSystem, Shape
from bench.load.interleaved import run_side_by_side
from bench.load.run import Timing, Workload
from bench.loop import run_on_loop
from bench.results import Figures, ScenarioRecord
from bin.local.console import print_line

# Curves and figures of our server alone vary less than two servers at full load.
FEW_PAIRS = 3
_HIGHLIGHTS = {
    "messages_per_second": "{:,.0f} messages/s",
    "deliveries_per_second": "{:,.0f} deliveries/s",
    "ack_p50_ms": "ack p50 {:.1f} ms",
    "delivery_p99_ms": "delivery p99 {:.1f} ms",
    "cpu_us_per_delivery": "{:.1f} µs CPU per delivery",
    "kilobytes_per_connection": "{:.1f} KB per connection",
    "connections_per_second": "{:,.0f} connections/s",
    "cpu_ms_per_connection": "{:.2f} ms CPU per connection",
    "resumed_seconds": "all resumed after {:.2f} s",
    "requests_per_second": "{:,.0f} requests/s",
    "cpu_ms_per_request": "{:.2f} ms CPU per request",
    "share": "{:.2f} times the CPU per delivery",
    "scale": "{:.2f} times the throughput on two cores",
    "p50_ms": "p50 {:.1f} ms",
    "p99_ms": "p99 {:.1f} ms",
}


@dataclass
class Runner:
    """Measures one scenario. `systems` are ours and the reference, if installed, or an older revision of ours."""

    launcher: Launcher
    record: ScenarioRecord
    timing: Timing
    quick: bool = False
    systems: tuple[str, ...] = field(default=(OURS, REFERENCE))

    @property
    def pairs(self) -> int:
        return self.record.pairs

    @property
    def few_pairs(self) -> int:
        return self.pairs if self.compares_revisions else min(self.pairs, FEW_PAIRS)

    @property
    def compares_revisions(self) -> bool:
        return BASELINE in self.systems

    def scaled(self, number: int) -> int:
        """Return a tenth of the number in a quick run, else the number."""
        return max(1, number // 10) if self.quick else number

    def run_pair(
        self,
        part: str,
        pair: int,
        workload: Workload,
        *,
        shape: tuple[int, int] | None = None,
        store: str = STUBBED,
        servers: int = 1,
        min_warm_up: float = 0.0,
    ) -> dict[str, Figures]:
        """Measure each system with the same workload; returns the figures by system.

        Two revisions of ours run side by side in slices of half a second; other systems run one after the other.
        """
        timing = replace(self.timing, warm_up=max(self.timing.warm_up, min_warm_up))
        figures_by_system = {}
        for systems in self.concurrent_systems(pair):
            shape = shape or (workload.groups, workload.members)
            with self.running(systems, shape, store=store, servers=servers) as running:
                sides = [(each.fixture, each.target) for each in running]
                measured = run_on_loop(run_side_by_side(workload, sides, timing))
            for system, figures in zip(systems, measured, strict=True):
                figures_by_system[system] = {"rate": workload.rate, **figures}
                self.add(part, system, figures_by_system[system])
        return figures_by_system

    def concurrent_systems(self, pair: int) -> list[tuple[str, ...]]:
        """Return groups of systems that run at the same time, in order; revisions alternate which one starts first."""
        if not self.compares_revisions:
            return [(system,) for system in self.systems]
        return [self.systems[::-1] if pair % 2 else self.systems]

    @contextmanager
    def running(self, systems: Sequence[str], shape: Shape, **options: Any) -> Iterator[list[RunningSystem]]:
        """Run these systems at the same time, on the same core; `options` are those of `Launcher.running`."""
        with ExitStack() as stack:
            yield [stack.enter_context(self.launcher.running(system, shape, **options)) for system in systems]

    def add(self, part: str, system: str, figures: Figures) -> None:
        """Add the figures to the record and print the most important ones."""
        self.record.add(part, system, figures)
        print_line(f"  {part:<8} {system:<12} {', '.join(_highlights(figures))}")


def _highlights(figures: dict[str, Any]) -> list[str]:
    shown = [pattern.format(figures[name]) for name, pattern in _HIGHLIGHTS.items() if name in figures]
    errors = [f"{figures[name]:,} {name}" for name in ("lost", "twice", "disordered", "refused") if figures.get(name)]
    return [*shown, *errors, *(["limited by the load generator"] if figures.get("generator_limits") else [])]
