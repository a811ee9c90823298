"""What is looked for: in which groups, between which times, and what a message must have, or not (`resolving`)."""

import re
from dataclasses import dataclass, field
from typing import Any

from foundation.folding import fold_text
from messaging.models import Message

from .documents import PAST_END, traits_of
from .keys import LONG, mark, pairs_of

# So many pairs of the texts leave hardly more candidates than all of them.
_MAX_PAIRS = 24

# What operators find of a message: (operator, value).
Trait = tuple[str, str]


@dataclass
class Criteria:
    """A query of one caller. Of each of `traits` a message has one at least, of `no_traits` none.

    `first` and `below` are the places between which it is, but in none of the `gaps`; with `ids` it is one of these.
    """

    group_ids: list[str]
    texts: list[str] = field(default_factory=list)
    no_texts: list[str] = field(default_factory=list)
    traits: list[frozenset[Trait]] = field(default_factory=list)
    no_traits: set[Trait] = field(default_factory=set)
    ids: frozenset[str] | None = None
    no_ids: frozenset[str] = frozenset()
    first: int = 0
    below: int = PAST_END
    gaps: list[tuple[int, int]] = field(default_factory=list)

    def accepts(self, message: Message) -> bool:
        """Return whether a message is found, as it is now."""
        return self.accepts_besides_text(message) and self._has_texts(message.content)

    def names_match(self, name: str) -> bool:
        """Return whether a file is found by its name."""
        return self._has_texts(name)

    def _has_texts(self, text: str) -> bool:
        folded = fold_text(text)
        return all(each in folded for each in self.texts) and not any(each in folded for each in self.no_texts)

    def accepts_besides_text(self, message: Message) -> bool:
        """Return whether a message has what the operators say, as it is now."""
        traits = set(traits_of(message))
        return (
            not message.deleted
            and all(each & traits for each in self.traits)
            and not self.no_traits & traits
            and (self.ids is None or message.id in self.ids)
            and message.id not in self.no_ids
        )

    def matching(self) -> dict[str, Any]:
        """Return the filter of what it finds by a text."""
        conditions = [{"t": {"$regex": literal(each)}} for each in self.texts]
        return self._matching([*conditions, *({"t": {"$not": {"$regex": literal(each)}}} for each in self.no_texts)])

    def matching_names(self) -> dict[str, Any]:
        """Return the filter of what it finds by the name of one file: all texts are in that, and none of the others."""
        wanted = "".join(rf"(?=[^\n]*{literal(each)})" for each in self.texts)
        excluded = "".join(rf"(?![^\n]*{literal(each)})" for each in self.no_texts)
        return self._matching([{"n": {"$regex": f"^{wanted}{excluded}", "$options": "m"}}])

    def _matching(self, texts: list[dict[str, Any]]) -> dict[str, Any]:
        conditions = [*texts]
        conditions += [{"m": {"$in": sorted(mark(*trait) for trait in each)}} for each in self.traits]
        if self.no_traits:
            conditions.append({"m": {"$nin": sorted(mark(*trait) for trait in self.no_traits)}})
        conditions += [{"$or": [{"o": {"$lt": begin}}, {"o": {"$gte": end}}]} for begin, end in self.gaps]
        if self.no_ids:
            conditions.append({"_id": {"$nin": sorted(self.no_ids)}})
        return {"$and": [{"g": {"$in": self.group_ids}}, *conditions]}

    def keys(self) -> list[set[int]]:
        """Return the keys that find it: of each set a message has one at least."""
        pairs = sorted({pair for text in self.texts for pair in pairs_of(text)})
        step = -(-len(pairs) // _MAX_PAIRS) or 1
        return [{pair, LONG} for pair in pairs[::step]] + [{mark(*trait) for trait in each} for each in self.traits]


def literal(text: str) -> str:
    """Return the regular expression of a folded text."""
    # A regular expression of MongoDB's has no NUL.
    return re.escape(text).replace("\0", r"\x00")
