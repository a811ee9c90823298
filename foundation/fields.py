"""Serializer fields that several doors share."""

from typing import Any

from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator


class _WholeCharacters(ProhibitSurrogateCharactersValidator):
    """DRF's own looks at each character by itself: a millisecond for a long message."""

    def __call__(self, value: Any) -> None:
        try:
            str(value).encode()
        except UnicodeEncodeError:
            super().__call__(value)


class Text(serializers.CharField):
    """Text kept as it was typed: DRF's own field trims it and takes numbers and booleans for text."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("trim_whitespace", False)
        super().__init__(**kwargs)
        slow = ProhibitSurrogateCharactersValidator
        self.validators = [_WholeCharacters() if type(check) is slow else check for check in self.validators]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        value: str = super().to_internal_value(data)
        return value


class Id(Text):
    """The id of a user, a group, a message or a file."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 128)
        super().__init__(**kwargs)


class Whole(serializers.IntegerField):
    """A whole number from 0 up to what JSON carries exactly; not a numeric string of some other script, not a float."""

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
    """One of a few words; a wrong one is not repeated in the answer, for it may be of any size and in no alphabet."""

    default_error_messages = {"invalid_choice": "Must be one of: {choices}."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", choices=", ".join(self.choices))
        return data
