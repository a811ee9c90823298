"""One folding of text for finding it: what somebody may type on any keyboard, and what was written, become the same.

Case, accents, width and the dots of Turkish letters do not count: `omer` finds Ömer, and `ibrahim` İbrahim. What is
typed as a part of a text folds to a part of what the text folds to, so that a plain search in folded text finds it.
"""

import unicodedata
from functools import lru_cache

# Combining classes of marks that make another letter, not an accent: nukta, the voicing of kana, virama.
_LETTER_CLASSES = frozenset((0, 7, 8, 9))
# Letters that Unicode does not take apart, and signs that keyboards have in several forms: apostrophes, dashes.
_PLAIN = str.maketrans(
    {
        **dict(zip("ıłøđħŧƀɨɉɍʉ", "ilodhtbijru", strict=True)),
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "ŋ": "n",
        "ĸ": "k",
        "ə": "e",
        **dict.fromkeys("`\u2018\u2019\u02b9\u02bb\u02bc\u2032", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)


def fold_text(text: str) -> str:
    """Return the folded text, with single spaces; to fold it again changes nothing.

    What would leave nothing, such as a lone accent, stays as it is, composed.
    """
    folded = text.lower().replace("`", "'") if text.isascii() else _bare(_bare(text).translate(_PLAIN))
    return _collapse(folded) or _collapse(unicodedata.normalize("NFC", text))


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and for each of its characters the index of the one in `text` that it comes from.

    There are no places where a character folds otherwise beside its neighbours than alone, which is rare.
    """
    folded: list[str] = []
    places: list[int] = []
    for index, character in enumerate(text):
        for each in fold_character(character):
            if not each.isspace():
                folded.append(each)
                places.append(index)
            elif folded and folded[-1] != " ":
                folded.append(" ")
                places.append(index)
    alone, whole = "".join(folded).rstrip(), fold_text(text)
    return whole, places[: len(whole)] if alone == whole else []


@lru_cache(maxsize=4_096)
def fold_character(character: str) -> str:
    """Return what a character folds to by itself: "" for a mark that does not count."""
    return _bare(_bare(character).translate(_PLAIN))


def _bare(text: str) -> str:
    """Return the text in compatibility form without case, accents and characters that show nothing."""
    for _ in range(2):
        # Folding may compose what was taken apart, and the other way round.
        text = unicodedata.normalize("NFKD", text).casefold()
    return "".join(filter(_counts, unicodedata.normalize("NFKD", text)))


def _counts(character: str) -> bool:
    if unicodedata.combining(character) not in _LETTER_CLASSES:
        return False
    # Variation selectors, joiners and direction marks; line breaks count as spaces.
    is_selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return not is_selector and character != "\u034f" and unicodedata.category(character) != "Cf"


def _collapse(text: str) -> str:
    return " ".join(text.split())
