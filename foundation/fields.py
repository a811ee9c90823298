"""Serializer fields that the apps share; they accept less than DRF's own."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from .cursors import MAX_BYTES, decode_cursor
from .validation import MAX_ERRORS
from .visible import compose, fold_emoji, has_hidden, has_stacked_marks, shows_something

Key = TypeVar("Key", int, str)

_DIGITS = re.compile("-?[0-9]+")


class _FastSurrogateValidator(ProhibitSurrogateCharactersValidator):
    """DRF's own checks character by character, which takes a millisecond for a long message."""

    def __call__(self, value: Any) -> None:
        try:
            str(value).encode()
        except UnicodeEncodeError:
            super().__call__(value)


class _Checked(serializers.Field[Any, Any, Any, Any]):
    """Runs Django's validators, and lets go of what they were called with."""

    def run_validators(self, value: Any) -> None:
        errors: list[Any] = []
        for validator in self.validators:
            try:
                validator(value)  # type: ignore[call-arg] # none of ours wants the field too
            except DjangoValidationError as error:
                errors += serializers.as_serializer_error(error)["non_field_errors"]
                # It is in its own list, with the value and by its traceback the whole input: break the reference cycle,
                # the collector would come late.
                error.error_list.clear()
        if errors:
            raise serializers.ValidationError(errors)


class Text(_Checked, serializers.CharField):
    """Text stored as it was typed; DRF's field trims it, and converts numbers and booleans to text."""

    # How many times `max_length` it may have as it comes.
    slack = 1

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("trim_whitespace", False)
        super().__init__(**kwargs)
        self.validators = [
            _FastSurrogateValidator() if type(validator) is ProhibitSurrogateCharactersValidator else validator
            for validator in self.validators
        ]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        # Before anything looks at its characters; the validator would come after that.
        typed = data.strip() if self.trim_whitespace else data
        if self.max_length is not None and len(typed) > self.slack * self.max_length:
            self.fail("max_length", max_length=self.max_length)
        value: str = super().to_internal_value(data)
        return value


class ComposedText(Text):
    """Text in NFC, which may be longer until it is composed."""

    slack = 4

    def to_internal_value(self, data: Any) -> str:
        return compose(super().to_internal_value(data))


class Label(ComposedText):
    """A short text that stands for something, such as a name: in NFC, all of it visible (`foundation.visible`)."""

    has_lines = False
    default_error_messages = {
        "hidden": "It has line breaks, invisible or control characters.",
        "marks": "It has too many marks on one letter.",
        "blank": "It shows nothing.",
    }

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if has_hidden(value.replace("\n", " ") if self.has_lines else value):
            self.fail("hidden")
        if has_stacked_marks(value):
            self.fail("marks")
        if not shows_something(value):
            self.fail("blank")
        return value


class Lines(Label):
    """As a label, of several lines: `\\n` ends each, and is what browsers' `\\r\\n` becomes."""

    has_lines = True
    default_error_messages = {"hidden": "It has invisible or control characters."}

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data.replace("\r\n", "\n") if isinstance(data, str) else data)


class Emoji(Label):
    """One emoji or its name: up to 32 characters without white space; variation selectors make no other emoji."""

    default_error_messages = {"spaces": "An emoji has no white space."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=32, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = fold_emoji(super().to_internal_value(data))
        if value.split() != [value]:
            self.fail("spaces")
        return value


class Moment(serializers.DateTimeField):
    """A time with its offset, ISO 8601: `2026-03-14T15:09:26Z`."""

    default_error_messages = {"moment": "This is no time such as 2026-03-14T15:09:26Z."}
    _MAX_LENGTH = 40

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or len(data) > self._MAX_LENGTH:
            self.fail("moment")
        try:
            value = datetime.fromisoformat(data)
            # What is later or earlier by an offset may be no year that there is.
            return value.astimezone(UTC) if value.tzinfo else self.fail("moment")
        except (ValueError, OverflowError):
            self.fail("moment")


class AnyMoment(Text):
    """A time with its offset, or without one: then it is a time of day in some time zone."""

    default_error_messages = {"moment": "This is no time such as 2026-03-14T15:09:26Z or 2026-03-14T15:09."}

    _MAX_LENGTH = 40

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # They are for texts; what is no time is none of them.
        self.validators = []

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        if not isinstance(data, str) or len(data) > self._MAX_LENGTH:
            self.fail("moment")
        try:
            value = datetime.fromisoformat(data)
            return value.astimezone(UTC) if value.tzinfo else value.replace(microsecond=0)
        except (ValueError, OverflowError):
            self.fail("moment")


class Id(Text):
    """The id of a user, a group, a message or a file."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 128)
        super().__init__(**kwargs)


class Cursor(Text):
    """The `nextCursor` of the page before; the value is the tuple of the cursor's parts."""

    default_error_messages = {"cursor": "This is no cursor of this list: pass `nextCursor` as it was returned."}

    def __init__(self, parts: int = 1, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "The `nextCursor` of the page before: the page begins after it.")
        super().__init__(max_length=2 * MAX_BYTES, **kwargs)
        self.parts = parts

    def to_internal_value(self, data: Any) -> tuple[str, ...]:  # type: ignore[override]
        try:
            return decode_cursor(super().to_internal_value(data), self.parts)
        except ValueError:
            self.fail("cursor")


class WholeNumber(_Checked, serializers.IntegerField):
    """An integer from 0 to 2**53 - 1, which JSON carries exactly; no floats, and as text nothing but its digits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", 2**53 - 1)
        super().__init__(**kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # What most numbers are needs no more; an object may have thousands.
        if type(data) is int and (self.min_value or 0) <= data <= (self.max_value or 0):
            return data
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("invalid")
        # int() would take `1_0` and ` 1`.
        if isinstance(data, str) and not _DIGITS.fullmatch(data):
            self.fail("invalid")
        value: int = super().to_internal_value(data)
        return value


class Flag(serializers.BooleanField):
    """True or false, or what a form sends for them; DRF's field takes `y`, `on`, 1 and `null` too."""

    default_error_messages = {"invalid": "Must be true or false."}
    _VALUES = {"true": True, "false": False}

    def to_internal_value(self, data: Any) -> bool:
        if isinstance(data, bool):
            return data
        if not isinstance(data, str) or data not in self._VALUES:
            self.fail("invalid")
        return self._VALUES[data]


class Choice(serializers.ChoiceField):
    """One of a few strings. The error does not echo a wrong one, which may be of any size and content."""

    default_error_messages = {"invalid_choice": "Must be one of: {choices}."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", choices=", ".join(self.choices))
        return data


class BoundedList(serializers.ListField):
    """A list of `max_length` items at most. DRF's field checks every item before it counts them, and reports each."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if len(data) > (self.max_length or 0):
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)

    def run_child_validation(self, data: list[Any]) -> list[Any]:
        return list(_validated_items(self.child, enumerate(data)).values())


class BoundedDict(serializers.DictField):
    """An object of `max_length` entries at most, checked as `BoundedList` is."""

    default_error_messages = {"max_length": "Ensure this field has no more than {max_length} entries."}

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_length = max_length

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)

    def run_child_validation(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return _validated_items(self.child, data.items())


def _validated_items(child: serializers.Field[Any, Any, Any, Any], items: Iterable[tuple[Key, Any]]) -> dict[Key, Any]:
    """Return the valid items by their place; raises `ValidationError` with `MAX_ERRORS` errors at most."""
    result: dict[Key, Any] = {}
    errors: dict[Any, Any] = {}
    for key, item in items:
        try:
            result[key] = child.run_validation(item)
        except serializers.ValidationError as error:
            errors[key] = error.detail
            if len(errors) == MAX_ERRORS:
                break
    if errors:
        raise serializers.ValidationError(errors)
    return result
