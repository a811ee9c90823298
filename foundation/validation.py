"""Validation of input: HTTP, sockets and pages use the same serializers, so each rule is written once."""

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from rest_framework import serializers

from .errors import Invalid


def validated(serializer_class: type[serializers.Serializer[Any]], data: object) -> dict[str, Any]:
    """Return the validated data as keyword arguments for a service.

    Raises `Invalid`, whose `fields` name each wrong input.
    """
    if not isinstance(data, Mapping):
        raise Invalid("The data must be an object.")
    try:
        result: dict[str, Any] = _shared_instance(serializer_class).run_validation(data)
    except serializers.ValidationError as error:
        raise Invalid("Some fields are not valid.", fields=field_errors(error.detail)) from None
    return result


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
    """Flatten DRF's nested error detail to `{"field" or "field.0": [sentences]}`."""
    errors: dict[str, list[str]] = {}
    _collect("", detail, errors)
    return errors


def _collect(path: str, detail: Any, errors: dict[str, list[str]]) -> None:
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            # A key may come from the client; a lone surrogate in it could not be encoded in the response.
            name = str(key).encode(errors="replace").decode()
            _collect(f"{path}.{name}" if path else name, value, errors)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            _collect(f"{path}.{index}" if isinstance(value, Mapping) else path, value, errors)
    else:
        errors.setdefault(path, []).append(str(detail))
