"""Whether what was acknowledged reached every member, once, in one order. It asks nobody and waits for nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """Counts of what went wrong: deliveries missing, deliveries too many, members whose order differs."""

    lost: int = 0
    twice: int = 0
    disordered: int = 0

    @property
    def good(self) -> bool:
        return not (self.lost or self.twice or self.disordered)

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(self.lost + other.lost, self.twice + other.twice, self.disordered + other.disordered)


def judge_group(acked: Iterable[int], seen: Sequence[Sequence[int]]) -> Verdict:
    """Judge one group: the messages that were acknowledged, and what each member saw in the order of arrival."""
    wanted = set(acked)
    lost = twice = disordered = 0
    first: list[int] | None = None
    for member in seen:
        # Of what was not acknowledged some members may have heard: it was on its way when the run ended.
        theirs = [number for number in member if number in wanted]
        different = set(theirs)
        twice += len(theirs) - len(different)
        lost += len(wanted) - len(different)
        first = theirs if first is None else first
        disordered += theirs != first
    return Verdict(lost, twice, disordered)
