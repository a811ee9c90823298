"""Texts that look like messages, in twelve alphabets: words of a few thousand, the common ones often."""

import random
from itertools import accumulate

_LATIN = "etaoinshrdlcumwfgypbvkjxqz"
_ALPHABETS = (
    *(_LATIN, _LATIN, _LATIN + "äöüß", _LATIN + "éèçà", _LATIN + "ñáíó", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэф"),
    *("αοιετσνηυρπκμλωγδθχφβξζψ", "היולאתרמשנבדפקחעטגסצזכ", "ايلمنرتبدعفسقكحجشصخذضثطزظغ"),
    *(
        "करनसतमपहदलवयजबगचटशथधभखघछझठडढण",
        "いうんしかとのなきはこたてるまもにおありさ会議資料確認",
        "的一是不了人我在有他这为之大来以个中上们会议时间确认资料",
    ),
)
_WORDS, _SPREAD = 4_000, 4


class Corpus:
    """A source of texts; the same seed gives the same."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._words = [self._lexicon(alphabet) for alphabet in _ALPHABETS]
        self._weights = list(accumulate(1 / (rank + _SPREAD) for rank in range(_WORDS)))

    def _lexicon(self, alphabet: str) -> list[str]:
        weights = list(accumulate(1 / (rank + 3) ** 0.7 for rank in range(len(alphabet))))
        sizes = (self.chance.randint(2, 9) for _ in range(_WORDS))
        return ["".join(self.chance.choices(alphabet, cum_weights=weights, k=size)) for size in sizes]

    def text(self) -> str:
        """Return a message: eleven words in the middle, a hundred at times."""
        count = min(200, max(1, round(self.chance.lognormvariate(2.4, 0.7))))
        return " ".join(self.chance.choices(self.chance.choice(self._words), cum_weights=self._weights, k=count))

    def common(self) -> str:
        """Return a part of one of the commonest words of a language."""
        return self.chance.choice(self._words)[self.chance.randrange(5)][:4]

    def part_of(self, text: str) -> str:
        """Return a substring of 2 to 12 characters."""
        start = self.chance.randrange(max(1, len(text) - 2))
        return text[start : start + self.chance.randint(2, 12)]
