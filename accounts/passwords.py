"""Which passwords are taken: long enough, not among the common ones, and not the name of their owner."""

import re
from functools import cache

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from foundation.errors import Invalid

MIN_LENGTH, MAX_LENGTH = 10, 256
_MIN_DIFFERENT = 5
# A name of fewer letters is part of many words.
_MIN_NAME = 4


def require_password(password: str, *names: str, field: str = "password") -> None:
    """Raise `Invalid` with the field unless this may be the password of somebody with these names."""
    if len(password) < MIN_LENGTH:
        raise _invalid(field, f"A password has at least {MIN_LENGTH} characters.")
    if len(password) > MAX_LENGTH:
        raise _invalid(field, f"A password has at most {MAX_LENGTH} characters.")
    if len(set(password)) < _MIN_DIFFERENT:
        raise _invalid(field, f"A password has at least {_MIN_DIFFERENT} different characters.")
    if _is_common(password):
        raise _invalid(field, "Many people use this password, so it is among the first that are guessed.")
    if any(_contains(password, name) for name in names):
        raise _invalid(field, "A password does not contain its owner's name.")


def _is_common(password: str) -> bool:
    try:
        _common().validate(password)
    except ValidationError:
        return True
    return False


@cache
def _common() -> CommonPasswordValidator:
    """Django's list of 20,000."""
    return CommonPasswordValidator()


def _contains(password: str, name: str) -> bool:
    """Return whether the password has the name, or a word of it, such as the part of an address before its `@`."""
    words = [name, *re.split(r"[\s@]", name)]
    return any(len(word) >= _MIN_NAME and word.casefold() in password.casefold() for word in words)


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, fields={field: [sentence]})
