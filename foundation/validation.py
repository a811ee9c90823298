"""Input at the door: the same serializer, and so the same rule, for HTTP, sockets and pages."""

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from rest_framework import serializers

from .errors import Invalid


def validated(serializer_class: type[serializers.Serializer[Any]], data: object) -> dict[str, Any]:
    """Return the input as keyword arguments for a service; raises `Invalid` naming each field at fault."""
    if not isinstance(data, Mapping):
        raise Invalid("The data must be an object.")
    try:
        result: dict[str, Any] = _checker(serializer_class).run_validation(data)
    except serializers.ValidationError as error:
        raise Invalid("Some fields are not valid.", fields=field_errors(error.detail)) from None
    return result


class Input(serializers.Serializer[Any]):
    """The base of what is sent often: DRF would look through all fields three times for each input."""

    @cached_property
    def _writable_fields(self) -> list[serializers.Field[Any, Any, Any, Any]]:
        return [field for field in self.fields.values() if not field.read_only]

    def _read_only_defaults(self) -> dict[str, Any]:
        return {}


@cache
def _checker(serializer_class: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return the one instance that checks: it keeps nothing of what it checks, and its fields are slow to copy."""
    return serializer_class()


def field_errors(detail: Any) -> dict[str, list[str]]:
    """Flatten DRF's nested error detail to `{"field" or "field.0": [sentences]}`."""
    found: dict[str, list[str]] = {}
    _collect("", detail, found)
    return found


def _collect(path: str, detail: Any, found: dict[str, list[str]]) -> None:
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            # A key may be the sender's own, and half of a surrogate pair could not be written back.
            name = str(key).encode(errors="replace").decode()
            _collect(f"{path}.{name}" if path else name, value, found)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            _collect(f"{path}.{index}" if isinstance(value, Mapping) else path, value, found)
    else:
        found.setdefault(path, []).append(str(detail))
