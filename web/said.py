"""What services say in their errors, in the page's language.

Services speak English, to whoever calls them, and the API passes that on. A page looks each sentence up at its own
door; of one with values in it, such as a number, the values are found by what stands around them.
"""

import json
import re
from functools import cache

from django.conf import settings
from django.utils.translation import get_language, gettext

from foundation.errors import AppError

_GAPS = settings.BASE_DIR / "locale" / "gaps.json"
# DRF's own sentences, which its catalogs have.
_OF_FIELDS = (
    "Ensure this field has no more than {max_length} characters.",
    "Ensure this field has at least {min_length} characters.",
    "Ensure this value is less than or equal to {max_value}.",
    "Ensure this value is greater than or equal to {min_value}.",
    '"{input}" is not a valid choice.',
)
_MOST = 2000


def said(sentence: str) -> str:
    """Return a service's sentence in the page's language; as it is where the language does not have it."""
    if get_language() == settings.LANGUAGE_CODE or not sentence or len(sentence) > _MOST:
        return sentence
    translated = gettext(sentence)
    if translated != sentence:
        return translated
    return _with_values(sentence) or sentence


def message_of(error: AppError) -> str:
    return said(error.message)


def sentences_of(error: AppError | None) -> list[str]:
    """Return what an error says of the fields, each sentence once, without what it says as a whole."""
    if error is None:
        return []
    return [said(text) for text in _of_fields(error) if text != error.message]


def in_one(error: AppError | None) -> str:
    """Return the sentences about the fields, or else about the whole form; empty when nothing was wrong."""
    if error is None:
        return ""
    return " ".join(map(said, _of_fields(error))) or message_of(error)


def _of_fields(error: AppError) -> dict[str, None]:
    return dict.fromkeys(text for texts in (error.fields or {}).values() for text in texts)


def _with_values(sentence: str) -> str | None:
    for pattern, source in _patterns():
        if found := pattern.fullmatch(sentence):
            return _filled(gettext(source), {name: gettext(value) for name, value in found.groupdict().items()})
    return None


def _filled(sentence: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda gap: values.get(f"v_{gap[1]}", gap[0]), sentence)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return what finds the sentences with values, and the sentence of each as the catalogs have it."""
    # What has more words around its values comes first.
    sources = sorted([*json.loads(_GAPS.read_text()), *_OF_FIELDS], key=lambda text: (-len(text), text))
    return [(re.compile(_pattern_of(source), re.DOTALL), source) for source in sources]


def _pattern_of(source: str) -> str:
    pieces = re.split(r"\{(\w+)\}", source)
    return "".join(f"(?P<v_{piece}>.+?)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))
