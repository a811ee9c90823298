"""Serializer fields that the apps share; they accept less than DRF's own."""

from typing import Any

from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from .cursors import MAX_BYTES, decode_cursor
from .visible import compose, has_hidden, has_stacked_marks, shows_something

# Before it is trimmed and composed, text may be longer.
_TOO_MANY_TIMES = 4


class _FastSurrogateValidator(ProhibitSurrogateCharactersValidator):
    """DRF's own checks character by character, which takes a millisecond for a long message."""

    def __call__(self, value: Any) -> None:
        try:
            str(value).encode()
        except UnicodeEncodeError:
            super().__call__(value)


class Text(serializers.CharField):
    """Text stored as it was typed; DRF's field trims it, and converts numbers and booleans to text."""

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
        value: str = super().to_internal_value(data)
        return value


class ComposedText(Text):
    """Text in NFC; what is far too long is refused before its characters are looked at."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and self.max_length and len(data) > _TOO_MANY_TIMES * self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return compose(super().to_internal_value(data))


class Label(ComposedText):
    """A short text that stands for something, such as a name: in NFC, all of it visible (`foundation.visible`)."""

    default_error_messages = {
        "hidden": "It has line breaks, invisible or control characters.",
        "marks": "It has too many marks on one letter.",
        "blank": "It shows nothing.",
    }

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if has_hidden(value):
            self.fail("hidden")
        if has_stacked_marks(value):
            self.fail("marks")
        if not shows_something(value):
            self.fail("blank")
        return value


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


class WholeNumber(serializers.IntegerField):
    """An integer from 0 to 2**53 - 1, which JSON carries exactly; no floats, no digits of other scripts."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", 2**53 - 1)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int | str) or not str(data).isascii():
            self.fail("invalid")
        value: int = super().to_internal_value(data)
        return value


class Choice(serializers.ChoiceField):
    """One of a few strings. The error does not echo a wrong one, which may be of any size and content."""

    default_error_messages = {"invalid_choice": "Must be one of: {choices}."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", choices=", ".join(self.choices))
        return data
