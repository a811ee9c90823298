"""Makes untrusted file names and content types harmless."""

import re
import unicodedata

MAX_NAME_LENGTH = 255
MAX_EXTENSION_LENGTH = 32
FALLBACK_NAME = "file"
FALLBACK_TYPE = "application/octet-stream"

# Direction marks make "gpj.exe" read as "exe.jpg". Joiners, which emoji and Persian need, have the same category but
# stay.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Control characters, lone surrogates, line and paragraph separators.
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
# RFC 9110, 5.6.2 and 8.3.1: type "/" subtype, each a token. RFC 6838, 4.2 limits each to 127 characters.
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,127}"  # noqa: S105 (a token of the grammar, not a secret)
_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}")


def clean_filename(raw: str) -> str:
    """Return a name of 1 to 255 characters without folders, control characters and direction marks."""
    basename = re.split(r"[/\\]", raw)[-1]
    kept = "".join(c for c in basename if unicodedata.category(c) not in _FORBIDDEN_CATEGORIES and c not in _DIRECTION)
    name = _trim(unicodedata.normalize("NFC", kept))
    if len(name) > MAX_NAME_LENGTH:
        name = _trim(_shorten(name))
    return name or FALLBACK_NAME


def clean_content_type(raw: str | None) -> str:
    """Return `type/subtype` in lower case, without parameters; FALLBACK_TYPE when `raw` is not of that form."""
    essence = (raw or "").partition(";")[0].strip(" \t").lower()
    return essence if _TYPE.fullmatch(essence) else FALLBACK_TYPE


def _trim(name: str) -> str:
    # Windows drops dots and spaces at the end, so that they would hide the extension; "." and ".." become empty.
    return re.sub(r"[\s.]+\Z", "", name).lstrip()


def _shorten(name: str) -> str:
    """Cut the stem and keep the extension, by which people and systems choose what opens the file."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > MAX_EXTENSION_LENGTH:
        return name[:MAX_NAME_LENGTH]
    return stem[: MAX_NAME_LENGTH - len(extension) - 1] + dot + extension
