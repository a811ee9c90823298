"""What a person may be called, when two names are the same, and what an id looks like."""

import re
import unicodedata

from foundation.errors import Invalid

MAX_LENGTH = 64
# DynamoDB takes 1,024 bytes of sort key; case folding can make a name three times as long.
_MAX_KEY_LENGTH = 256
# Ids become parts of keys such as `read#<userId>#<parentId>`: no separator may stand in one.
_USER_ID = re.compile(r"[A-Za-z0-9_.:|@+-]{1,128}")
_MARKS_AND_SPACES = ("Z", "M", "C")
# These turn the text after them around, so that one name can be shown as another.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def require_name(value: str) -> str:
    """Return the name as it is stored; raises `Invalid` with the field `name`."""
    # First, because str.split takes some control characters for spaces.
    if any(_is_forbidden(character) for character in value.strip()):
        raise _invalid("A name cannot have control characters.")
    name = _one_spaced(value)
    if not _is_visible(name):
        raise _invalid("Give a name.")
    if len(name) > MAX_LENGTH:
        raise _invalid(f"A name has at most {MAX_LENGTH} characters.")
    return name


def salvage_name(value: object) -> str | None:
    """Make a name of what an issuer's token says, or None: nobody is locked out because of an odd name."""
    if not isinstance(value, str):
        return None
    kept = "".join(" " if character.isspace() else character for character in value)
    kept = "".join(character for character in kept if not _is_forbidden(character))
    name = _one_spaced(kept)[:MAX_LENGTH].rstrip()
    return name if _is_visible(name) else None


def name_key(name: str) -> str:
    """Return what names are searched and compared by: neither case, spacing nor the way of typing an accent counts."""
    folded = unicodedata.normalize("NFC", _one_spaced(name)).casefold()
    return unicodedata.normalize("NFC", folded)[:_MAX_KEY_LENGTH]


def is_user_id(value: str) -> bool:
    return _USER_ID.fullmatch(value) is not None


def _one_spaced(value: str) -> str:
    return " ".join(value.split())


def _is_forbidden(character: str) -> bool:
    # Cs: half a surrogate pair, which JSON can carry and UTF-8 cannot.
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in _BIDI_CONTROLS


def _is_visible(name: str) -> bool:
    return any(not unicodedata.category(character).startswith(_MARKS_AND_SPACES) for character in name)


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"name": [sentence]})
