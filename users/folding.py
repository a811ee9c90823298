"""The keys by which people are found: their names, folded as all text is that is searched (`foundation.folding`).

Which names are *equal* is another question, which `names.name_key` answers.
"""

import unicodedata

from foundation.folding import fold_text

# A sort key, with a user's id, has at most 1,024 bytes, and a character up to four.
MAX_KEY_LENGTH = 200
# Of a name; each word costs a row of the index.
MAX_WORDS = 16


def fold(text: str) -> str:
    """Return the key of a text: folded as any text is, of at most `MAX_KEY_LENGTH` characters."""
    return fold_text(text)[:MAX_KEY_LENGTH].rstrip()


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
