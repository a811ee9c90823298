"""Validation of input: HTTP, sockets and pages use the same serializers, so each rule is written once."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache, cached_property
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils import translation
from rest_framework import serializers

from .errors import Invalid

# How many errors a response names: a hostile input may have a million, and nothing of its size goes into the answer.
MAX_ERRORS = 10
_MAX_NAME = 128


def validated(serializer_class: type[serializers.Serializer[Any]], data: object) -> dict[str, Any]:
    """Return the validated data as keyword arguments for a service.

    Raises `Invalid`, whose `fields` name each wrong input.
    """
    if not isinstance(data, Mapping):
        raise Invalid("The data must be an object.")
    with _in_english():
        try:
            result: dict[str, Any] = _shared_instance(serializer_class).run_validation(data)
        except serializers.ValidationError as error:
            raise Invalid("Some fields are not valid.", fields=field_errors(error.detail)) from None
    return result


def _in_english() -> AbstractContextManager[None]:
    """Have DRF's sentences in the API's language, whoever reads the page: a validator keeps the first that it makes."""
    is_english = translation.get_language() == settings.LANGUAGE_CODE
    return nullcontext() if is_english else translation.override(settings.LANGUAGE_CODE)


class Input(serializers.Serializer[Any]):
    """Base of input that is sent often; all of its fields are writable. Saves two of DRF's three passes over them."""

    @cached_property
    def _writable_fields(self) -> list[serializers.Field[Any, Any, Any, Any]]:
        return [field for field in self.fields.values() if not field.read_only]

    def _read_only_defaults(self) -> dict[str, Any]:
        return {}


@cache
def _shared_instance(serializer_class: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return one instance for all calls: validation leaves no state in it, and a new one would copy every field."""
    return serializer_class()


def field_errors(detail: Any) -> dict[str, list[str]]:
    """Flatten DRF's nested error detail to `{"field" or "field.0": [sentences]}`, of `MAX_ERRORS` sentences."""
    errors: dict[str, list[str]] = {}
    for path, sentence in islice(_sentences("", detail), MAX_ERRORS):
        errors.setdefault(path, []).append(sentence)
    return errors


def _sentences(path: str, detail: Any) -> Iterator[tuple[str, str]]:
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            name = echoed(str(key))
            yield from _sentences(f"{path}.{name}" if path else name, value)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            yield from _sentences(f"{path}.{index}" if isinstance(value, Mapping) else path, value)
    else:
        yield path, str(detail)


def echoed(word: str) -> str:
    """Return a client's word as a response may repeat it: short, and without lone surrogates, which have no UTF-8."""
    return word[:_MAX_NAME].encode(errors="replace").decode()
