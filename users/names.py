"""Rules of users' names and ids, and of what an issuer tells of them: which are valid, and which names are equal."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from foundation.errors import Invalid
from foundation.visible import (
    compose,
    has_hidden,
    has_stacked_marks,
    shows_something,
    without_hidden,
    without_stacked_marks,
)

MAX_LENGTH = 64
_MAX_TEXT = 2_000
# Of the end of a user's id, which is random.
_TAG_LENGTH = 4
# Case folding can triple the length of a name. A sort key, with a user's id, has at most 1,024 bytes.
_MAX_KEY_LENGTH = 200
# No key contains it, and it precedes whatever may follow in a longer one.
_END_OF_KEY = "\n"
# Ids are parts of keys such as `read#<userId>#<parentId>`, so they cannot contain the separator.
_USER_ID = re.compile(r"[A-Za-z0-9_.:|@+-]{1,128}")


def require_name(value: str) -> str:
    """Return the name as it is stored, in NFC with single spaces; raises `Invalid` with the field `name`."""
    if not shows_something(value):
        raise _invalid("Give a name.")
    # Checked before spaces are collapsed: str.split treats some control characters as spaces.
    if has_hidden(compose(value.strip())):
        raise _invalid("A name cannot have invisible or control characters.")
    name = compose(_collapse_spaces(value))
    if has_stacked_marks(name):
        raise _invalid("A name cannot have that many marks on one letter.")
    if len(name) > MAX_LENGTH:
        raise _invalid(f"A name has at most {MAX_LENGTH} characters.")
    return name


def clean_name(value: object) -> str | None:
    """Return a valid name made from a token's claim, or None: an odd name must not prevent signing in."""
    if not isinstance(value, str):
        return None
    spaced = "".join(" " if character.isspace() else character for character in value)
    # Cut first, and cleaned again: what a cut leaves at the end may belong to what it took away.
    name = _cleaned(_cleaned(spaced)[:MAX_LENGTH])
    return name if shows_something(name) else None


def stand_in_name(user_id: str) -> str:
    """Return what somebody is called whose name nobody has told."""
    return user_id[:MAX_LENGTH]


def clean_text(value: object) -> str | None:
    """Return what an issuer tells, such as an address, if it can be stored, else None."""
    is_text = isinstance(value, str) and 0 < len(value) <= _MAX_TEXT and value.isprintable()
    return value if is_text and isinstance(value, str) else None


def clean_image_url(value: object) -> str | None:
    """Return a picture's address if a page may show it, else None."""
    url = clean_text(value)
    return url if url and url.startswith("https://") else None


def name_key(name: str) -> str:
    """Return what two names are compared by; it ignores case, spacing and how accents are encoded.

    In a trial it decides who somebody is, so it stays as it is. People are found by another key (`folding`).
    """
    folded = unicodedata.normalize("NFC", _collapse_spaces(name)).casefold()
    return unicodedata.normalize("NFC", folded)[:_MAX_KEY_LENGTH]


def sort_key(key: str, user_id: str) -> str:
    """Return the key that sorts users by a folded name, and users of equal ones by id; it starts with the name."""
    return f"{key}{_END_OF_KEY}{user_id}"


def key_of(sort_key: str) -> str:
    """Return the folded name of a `sort_key`."""
    return sort_key.partition(_END_OF_KEY)[0]


def distinct_names(names: Mapping[str, str]) -> dict[str, str]:
    """Return names by user id in which no two are equal: who shares a name has the end of their id beside it.

    It is the same in every list, unless two of the same name have ids with the same end.
    """
    ids_by_name: dict[str, list[str]] = {}
    for user_id, name in names.items():
        ids_by_name.setdefault(name_key(name), []).append(user_id)
    return {
        user_id: f"{name} ({tag})" if (tag := _tag(user_id, ids_by_name[name_key(name)])) else name
        for user_id, name in names.items()
    }


def _tag(user_id: str, user_ids: Iterable[str]) -> str:
    """Return the end of the id that no other of the ids has; empty when there is no other."""
    others = [other for other in user_ids if other != user_id]
    length = next((n for n in range(_TAG_LENGTH, len(user_id)) if not any(o.endswith(user_id[-n:]) for o in others)), 0)
    return user_id[-length:] if others else ""


def is_user_id(value: str) -> bool:
    return _USER_ID.fullmatch(value) is not None


def _collapse_spaces(value: str) -> str:
    return " ".join(value.split())


def _cleaned(value: str) -> str:
    return without_stacked_marks(without_hidden(compose(_collapse_spaces(without_hidden(compose(value))))))


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"name": [sentence]})
