"""Checks, without I/O, that each acknowledged message reached every member once, and in the same order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """Counts of missing deliveries, duplicate deliveries, and members who saw another order than the first member."""

    lost: int = 0
    twice: int = 0
    disordered: int = 0

    @property
    def ok(self) -> bool:
        return not (self.lost or self.twice or self.disordered)

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(self.lost + other.lost, self.twice + other.twice, self.disordered + other.disordered)


def check_group(acked: Iterable[int], received: Sequence[Sequence[int]]) -> Verdict:
    """Check one group: `received` are the message numbers that each member received, in order."""
    expected = set(acked)
    lost = twice = disordered = 0
    first: list[int] | None = None
    for member in received:
        # Ignore unacknowledged messages: those in flight at the end may have reached only some members.
        numbers = [number for number in member if number in expected]
        unique = set(numbers)
        twice += len(numbers) - len(unique)
        lost += len(expected) - len(unique)
        first = numbers if first is None else first
        disordered += numbers != first
    return Verdict(lost, twice, disordered)
