"""Finds the text of templates and scripts that goes past gettext."""

import re
from collections.abc import Iterator

# What no reader needs in another language: a name, and how names of acts begin.
_NAMES = {"UTC", "member."}
_BLOCK = re.compile(r"\{%\s*(blocktranslate|comment)\b.*?\{%\s*end\1\s*%\}", re.DOTALL)
_COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"<(script|style|code)\b.*?</\1>", re.DOTALL)
_DJANGO = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_DEFAULT = re.compile(r"""\{\{[^}]*\|(?:default|default_if_none|yesno|pluralize):["'][^"']*[A-Za-z]{2}""")
_TAG = re.compile(r"<[^>]*>")
_ATTRIBUTE = re.compile(r'\b(title|placeholder|aria-label|alt|data-confirm)="([^"]*)"')
_WORD = re.compile(r"(?<![@#&\w])[A-Za-z]{2,}")
# A sentence that a script shows: given to what shows one, or written into an element.
_SHOWS = r"(?:\b(?:notice|confirm|say|refuse|fail)\(|\b(?:textContent|title)(?: =|:) )"
_SHOWN = re.compile(_SHOWS + r"""["`]([^"`]*[A-Za-z]{2,} [A-Za-z][^"`]*)["`]""")
_VALUE = re.compile(r"\$\{[^}]*\}")
# Addresses and values alone.
_BODY = re.compile(r"\{% block body_attributes %\}.*?\{% endblock %\}", re.DOTALL)


def of_template(text: str) -> Iterator[str]:
    """Yield each piece of text, and each attribute, that a reader sees and no translator can change."""
    for pattern in (_COMMENT, _BLOCK, _BODY):
        text = pattern.sub("", text)
    yield from (found[0] for found in _DEFAULT.finditer(text))
    text = _CODE.sub("", _DJANGO.sub("", text))
    for name, value in _ATTRIBUTE.findall(text):
        if _words(value):
            yield f'{name}="{value}"'
    for piece in _TAG.split(text):
        if _words(piece):
            yield piece.strip()


def of_script(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not line.lstrip().startswith(("//", "*", "/*")):
            yield from _SHOWN.findall(_VALUE.sub("", line))


def _words(text: str) -> set[str]:
    return set() if text.strip() in _NAMES else set(_WORD.findall(text)) - _NAMES
