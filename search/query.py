"""What somebody types into the search box: words, quoted phrases, and operators, each wanted or (`-`) not.

Every word is a part of the text, also of a longer word. Quoted, an operator is a text like any other.
"""

import re
from dataclasses import dataclass
from datetime import date

from foundation.errors import Invalid
from foundation.folding import fold_text

MAX_LENGTH, MAX_PARTS = 500, 20
HAS, IS = ("file", "image", "link", "reaction"), ("pinned", "saved", "thread")
DATES = ("before", "after", "on")
OPERATORS = ("from", "in", "mentions", "has", "is", *DATES)
_PART = re.compile(
    rf'(?P<minus>-)?(?:(?P<operator>{"|".join(OPERATORS)}):)?(?:"(?P<quoted>[^"]*)"?|(?P<word>[^\s"][^\s]*))',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A folded text that a message has, or with an `operator` what that says of it; `excluded`: it does not."""

    value: str
    operator: str | None = None
    excluded: bool = False


def invalid(sentence: str) -> Invalid:
    """Return the error that says what is wrong with the query."""
    return Invalid("Some fields are not valid.", fields={"q": [sentence]})


def parse(text: str) -> list[Part]:
    """Return the parts of a query; raises `Invalid` for one that asks for nothing, or cannot be understood."""
    parts: list[Part] = []
    for match in _PART.finditer(text):
        if part := _to_part(match):
            parts.append(part)
        if len(parts) > MAX_PARTS:
            raise invalid(f"Search for {MAX_PARTS} words and operators at most.")
    if not any(not part.excluded for part in parts):
        raise invalid("Say what a message has: a word of two characters or more, or an operator such as has:file.")
    return list(dict.fromkeys(parts))


def _to_part(match: re.Match[str]) -> Part | None:
    typed = match["word"] if match["quoted"] is None else match["quoted"]
    excluded, operator = bool(match["minus"]), (match["operator"] or "").lower()
    if operator and typed.strip():
        return Part(_checked(operator, typed.strip()), operator, excluded)
    if operator:
        raise invalid(f"Say what {operator}: is to find.")
    folded = fold_text(typed)
    # One letter is in nearly every message; one sign of other scripts is a word.
    if len(typed) < 2 and typed.isascii() and typed.strip():
        raise invalid("A word to search for has two characters or more.")
    return Part(folded, excluded=excluded) if folded else None


def _checked(operator: str, value: str) -> str:
    choices = {"has": HAS, "is": IS}.get(operator)
    if choices and value.lower() not in choices:
        raise invalid(f"{operator}: takes one of {', '.join(choices)}.")
    if operator in DATES:
        try:
            date.fromisoformat(value)
        except ValueError:
            raise invalid(f"{operator}: takes a day such as 2026-03-14.") from None
    return value.lower() if choices else value
