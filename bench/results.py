"""The figures of all runs, stored as JSON, so that the page can be rendered again without measuring."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.launcher import OURS, REFERENCE

PATH = Path(__file__).with_name("results.json")

Figures = dict[str, Any]


@dataclass
class ScenarioRecord:
    """All runs of one scenario: `parts` has a list of runs by part and system; runs with the same index are a pair.

    `made` is the date; `revision` the commit of our server. The fields are keys of results.json.
    """

    made: str
    revision: str
    pairs: int
    seconds: float
    parts: dict[str, dict[str, list[Figures]]] = field(default_factory=dict)

    def add(self, part: str, system: str, figures: Figures) -> None:
        self.parts.setdefault(part, {}).setdefault(system, []).append(figures)

    def runs(self, part: str, system: str = OURS) -> list[Figures]:
        return self.parts.get(part, {}).get(system, [])

    def most_runs(self) -> int:
        """Return the number of runs of the part with the most runs."""
        return max(len(runs) for systems in self.parts.values() for runs in systems.values())

    def values(self, part: str, system: str, figure: str) -> list[float]:
        return [run[figure] for run in self.runs(part, system) if figure in run]

    def median(self, part: str, system: str, figure: str) -> float | None:
        values = self.values(part, system, figure)
        return median(values) if values else None

    def ratios(self, part: str, figure: str, *, baseline: str = REFERENCE) -> list[float]:
        """Return ours / baseline for each pair: only the runs of a pair have similar conditions.

        Empty when a value is negative: a server then released memory while it accepted connections.
        """
        ours, others = (self.values(part, system, figure) for system in (OURS, baseline))
        if min([*ours, *others], default=0) < 0:
            return []
        return [own / other for own, other in zip(ours, others, strict=False) if other]

    def ratio(self, part: str, figure: str) -> float | None:
        ratios = self.ratios(part, figure)
        return median(ratios) if ratios else None

    def limited(self, part: str, system: str) -> bool:
        """Whether the load generator was the bottleneck in most runs: the true rate is higher then."""
        flags = [bool(run.get("generator_limits")) for run in self.runs(part, system)]
        return sum(flags) * 2 > len(flags)


@dataclass
class Results:
    machine: Mapping[str, str] = field(default_factory=dict)
    scenarios: dict[str, ScenarioRecord] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path = PATH) -> "Results":
        """Read the stored results; empty without a file."""
        if not path.is_file():
            return cls()
        data = json.loads(path.read_text())
        return cls(data["machine"], {name: ScenarioRecord(**record) for name, record in data["scenarios"].items()})

    def save(self, path: Path = PATH) -> None:
        data = {
            "machine": dict(self.machine),
            "scenarios": {name: asdict(record) for name, record in self.scenarios.items()},
        }
        path.write_text(json.dumps(_rounded(data), indent=1) + "\n")

    def delivery_errors(self) -> int:
        """Return how many deliveries of our server were lost, duplicated or out of order, in all runs."""
        return sum(
            run.get("lost", 0) + run.get("twice", 0) + run.get("disordered", 0)
            for record in self.scenarios.values()
            for part in record.parts.values()
            for run in part.get(OURS, [])
        )


def _rounded(value: Any) -> Any:
    """Round to four significant digits; measurements are less precise than that."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value
