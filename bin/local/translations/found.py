"""A sentence that the sources have, and all of them in one place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a source file, whose path is from the root; `plural` and `context` as in gettext."""

    path: str
    text: str
    plural: str | None = None
    context: str | None = None

    @property
    def is_of_script(self) -> bool:
        return self.path.endswith(".js")


class Sentences:
    """All sentences, in the order of files, each once, with where it is."""

    def __init__(self, found: Iterable[Sentence]) -> None:
        self._by_key: dict[tuple[str | None, str], list[Sentence]] = {}
        for sentence in sorted(found, key=lambda each: each.path):
            self._by_key.setdefault((sentence.context, sentence.text), []).append(sentence)

    def __iter__(self) -> Iterator[list[Sentence]]:
        return iter(self._by_key.values())

    def of_script(self) -> list[str]:
        return sorted(each[0].text for each in self._by_key.values() if any(sentence.is_of_script for sentence in each))

    def with_gaps(self) -> list[str]:
        """Return the sentences of services that have values in them: `You have {count} drafts`."""
        return sorted({each.text for group in self for each in group if each.path.endswith(".py") and "{" in each.text})


def plural_of(group: Iterable[Sentence]) -> str | None:
    """Return the plural that one of the places of a sentence has."""
    return next((sentence.plural for sentence in group if sentence.plural), None)
