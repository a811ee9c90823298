"""One folding of names for finding people: what somebody may type for a name, on any keyboard, becomes the same key.

Case, accents, width and the dots of Turkish letters do not count: `omer` finds Ömer, and `ibrahim` İbrahim.
Which names are *equal* is another question, which `names.name_key` answers.
"""

import unicodedata

# A sort key, with a user's id, has at most 1,024 bytes, and a character up to four.
MAX_KEY_LENGTH = 200
# Of a name; each word costs a row of the index.
MAX_WORDS = 16
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


def fold(text: str) -> str:
    """Return the key of a text, with single spaces; to fold it again changes nothing.

    What would leave nothing, such as a lone accent, stays as it is, composed. A key has at most
    `MAX_KEY_LENGTH` characters.
    """
    folded = text.lower().replace("`", "'") if text.isascii() else _bare(_bare(text).translate(_PLAIN))
    return (_collapse(folded) or _collapse(unicodedata.normalize("NFC", text)))[:MAX_KEY_LENGTH].rstrip()


def keys_of(name: str, handle: str | None = None) -> list[str]:
    """Return the keys by whose beginnings a person is found: the name from each of its words on, and the handle."""
    whole = fold(name)
    words = [whole[start:] for start in range(1, len(whole)) if _begins_word(whole, start)][: MAX_WORDS - 1]
    return list(dict.fromkeys([whole, *words, *([fold(handle)] if handle else [])]))


def match_rank(name: str, handle: str | None, prefix: str) -> int | None:
    """Return how well a person is found by the beginning `prefix` (folded), 0 for best; None: not at all.

    Who has just this handle comes first, then who is called just so, then whose handle begins so, whose name, a word.
    """
    whole, own = fold(name), fold(handle) if handle else ""
    starts = bool(own) and own.startswith(prefix)
    matches = (starts and own == prefix, whole == prefix, starts, whole.startswith(prefix))
    if True in matches:
        return matches.index(True)
    return len(matches) if any(key.startswith(prefix) for key in keys_of(name)) else None


def _begins_word(text: str, start: int) -> bool:
    """Return whether a word begins there: after a space, or a letter or digit after a sign, as in `Jean-Luc`."""
    before, first = text[start - 1], text[start]
    return before == " " or (first.isalnum() and unicodedata.category(before)[0] in "PS")


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
