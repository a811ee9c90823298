"""Makes untrusted file names and content types harmless."""

import re

from foundation.visible import compose, shows_something, without_hidden, without_stacked_marks

MAX_NAME_LENGTH = 255
MAX_EXTENSION_LENGTH = 32
FALLBACK_NAME = "file"
FALLBACK_TYPE = "application/octet-stream"

# RFC 9110, 5.6.2 and 8.3.1: type "/" subtype, each a token. RFC 6838, 4.2 limits each to 127 characters.
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,127}"  # noqa: S105 (a token of the grammar, not a secret)
_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}")


def clean_filename(raw: str) -> str:
    """Return a name of 1 to 255 characters without folders and hidden characters, FALLBACK_NAME if it shows nothing.

    Among the hidden are direction marks, which make "gpj.exe" read as "exe.jpg".
    """
    basename = re.split(r"[/\\]", raw)[-1]
    if len(basename) > 4 * MAX_NAME_LENGTH:
        basename = basename[: 2 * MAX_NAME_LENGTH] + basename[-2 * MAX_NAME_LENGTH :]
    name = _cleaned(basename)
    if len(name) > MAX_NAME_LENGTH:
        name = _cleaned(_shorten(name))
    return name if shows_something(name) else FALLBACK_NAME


def clean_content_type(raw: str | None) -> str:
    """Return `type/subtype` in lower case, without parameters; FALLBACK_TYPE when `raw` is not of that form."""
    essence = (raw or "").partition(";")[0].strip(" \t").lower()
    return essence if _TYPE.fullmatch(essence) else FALLBACK_TYPE


def _cleaned(name: str) -> str:
    return _trim(without_stacked_marks(without_hidden(compose(without_hidden(compose(name))))))


def _trim(name: str) -> str:
    # Windows drops dots and spaces at the end, so that they would hide the extension; "." and ".." become empty.
    return re.sub(r"[\s.]+\Z", "", name).lstrip()


def _shorten(name: str) -> str:
    """Cut the stem and keep the extension, by which people and systems choose what opens the file."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > MAX_EXTENSION_LENGTH:
        return name[:MAX_NAME_LENGTH]
    return stem[: MAX_NAME_LENGTH - len(extension) - 1] + dot + extension
