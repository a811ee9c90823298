"""The figures of all runs, kept as JSON, so that the page can be written anew without measuring again."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.stage import OURS, THEIRS

PATH = Path(__file__).with_name("results.json")

Figures = dict[str, Any]


@dataclass
class Measured:
    """All runs of one scenario: `parts` holds lists of runs by part and contender, paired by their places."""

    made: str
    revision: str
    pairs: int
    seconds: float
    parts: dict[str, dict[str, list[Figures]]] = field(default_factory=dict)

    def add(self, part: str, contender: str, figures: Figures) -> None:
        self.parts.setdefault(part, {}).setdefault(contender, []).append(figures)

    def runs(self, part: str, contender: str = OURS) -> list[Figures]:
        return self.parts.get(part, {}).get(contender, [])

    def most_runs(self) -> int:
        """Return how many runs the part with the most of them has."""
        return max(len(runs) for contenders in self.parts.values() for runs in contenders.values())

    def values(self, part: str, contender: str, figure: str) -> list[float]:
        return [run[figure] for run in self.runs(part, contender) if figure in run]

    def median(self, part: str, contender: str, figure: str) -> float | None:
        values = self.values(part, contender, figure)
        return median(values) if values else None

    def ratios(self, part: str, figure: str, *, than: str = THEIRS) -> list[float]:
        """Return ours over the other's, pair by pair: only within a pair the machine was the same.

        There is none where a server gave memory back while it took connections: that says nothing of either.
        """
        ours, theirs = (self.values(part, contender, figure) for contender in (OURS, than))
        if min([*ours, *theirs], default=0) < 0:
            return []
        return [our / their for our, their in zip(ours, theirs, strict=False) if their]

    def ratio(self, part: str, figure: str) -> float | None:
        ratios = self.ratios(part, figure)
        return median(ratios) if ratios else None

    def limited(self, part: str, contender: str) -> bool:
        """Whether the generator was too busy in most of the runs to say what the server can do."""
        flags = [bool(run.get("generator_limits")) for run in self.runs(part, contender)]
        return sum(flags) * 2 > len(flags)


@dataclass
class Results:
    machine: Mapping[str, str] = field(default_factory=dict)
    scenarios: dict[str, Measured] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path = PATH) -> "Results":
        """Read what was kept; empty when there is nothing."""
        if not path.is_file():
            return cls()
        data = json.loads(path.read_text())
        return cls(data["machine"], {name: Measured(**kept) for name, kept in data["scenarios"].items()})

    def save(self, path: Path = PATH) -> None:
        data = {"machine": dict(self.machine), "scenarios": {n: asdict(m) for n, m in self.scenarios.items()}}
        path.write_text(json.dumps(_rounded(data), indent=1) + "\n")

    def broken_promises(self) -> int:
        """Return how many deliveries of ours were lost, doubled or out of order, in all runs."""
        return sum(
            run.get("lost", 0) + run.get("twice", 0) + run.get("disordered", 0)
            for measured in self.scenarios.values()
            for part in measured.parts.values()
            for run in part.get(OURS, [])
        )


def _rounded(value: Any) -> Any:
    """Four significant digits are more than a busy machine can tell apart."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value
