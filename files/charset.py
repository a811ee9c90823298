"""The charset of a text: the one that was declared if the text can be read in it, else the one that it shows."""

import codecs
import re

# A label of the IANA's registry, as it may stand in a header without quotes.
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}")
_DECLARED_INSIDE = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?([A-Za-z0-9][A-Za-z0-9._:-]{0,39})""", re.IGNORECASE)
_DECLARED_WITHIN = 1024
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16le"), (codecs.BOM_UTF16_BE, "utf-16be"))
# What browsers read Latin-1 as; every byte is a character of it.
_ANY_BYTE = "windows-1252"


def charset_of(head: bytes, declared: str | None, *, is_whole: bool) -> str:
    """Return the charset of a text that begins with, or is, these bytes, in lower case; `declared` is untrusted."""
    for bom, charset in _BOMS:
        if head.startswith(bom):
            return charset
    if declared and _is_readable(head, declared, is_whole):
        return declared.lower()
    if _is_readable(head, "utf-8", is_whole):
        return "utf-8"
    inside = _DECLARED_INSIDE.search(head[:_DECLARED_WITHIN])
    if inside and _is_readable(head, label := inside[1].decode("ascii"), is_whole):
        return label.lower()
    return _ANY_BYTE


def declared_charset(content_type: str | None) -> str | None:
    """Return the charset parameter of a content type, None if it has none or a malformed one."""
    for parameter in (content_type or "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        label = value.strip().strip('"')
        if name.strip().lower() == "charset" and _LABEL.fullmatch(label):
            return label
    return None


def _is_readable(head: bytes, charset: str, is_whole: bool) -> bool:
    """Return whether the bytes are text in this charset; unless it is whole they may end within a character."""
    try:
        if not codecs.lookup(charset)._is_text_encoding:  # "zlib" and "rot13" are codecs too
            return False
        codecs.getincrementaldecoder(charset)().decode(head, is_whole)
    # What Python's codecs raise for a label that is odd, or for bytes that are wrong.
    except (LookupError, ValueError, TypeError):
        return False
    return True
