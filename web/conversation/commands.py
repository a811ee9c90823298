"""Commands: what a text that begins with `/` asks for, where people type it into a box of the web chat; pure.

`//help` says `/help`. The API and the sockets take every text as it is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from messaging.later.times import NEXT_WEEK, TOMORROW
from messaging.text.emoji import emoji_by_name


@dataclass(frozen=True, slots=True)
class Say:
    """Say this text in place of what was typed."""

    content: str


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Set one's status, for so long or until it is taken back; without an emoji and a text take it back."""

    emoji: str
    text: str
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Remind:
    """Remind oneself of a text: after so long, or at one of `messaging.later.times.WHENS`."""

    text: str
    after: timedelta | None = None
    when: str = ""


@dataclass(frozen=True, slots=True)
class SetTopic:
    text: str


@dataclass(frozen=True, slots=True)
class Help:
    """Show which commands there are."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A command that lacks something; `sentence` says what it takes, in the reader's language."""

    sentence: Promise


@dataclass(frozen=True, slots=True)
class Unknown:
    name: str


Command = Say | SetStatus | Remind | SetTopic | Help | Wrong | Unknown

# What each takes, in the words that it understands, and does, in the order in which they are offered.
USES = {
    "status": ("text for 2 hours", _("Set your status, for a while if you say how long; without a text take it back")),
    "remind": ("text in 20 minutes", _("Be reminded of something: in so long, tomorrow, or next week")),
    "topic": ("text", _("Change what this group is about")),
    "me": ("text", _("Say what you do")),
    "shrug": ("text", _("Say something with ¯\\_(ツ)_/¯ behind it")),
    "help": ("", _("See which commands there are")),
}
_COMMAND = re.compile(r"/([a-z][a-z-]{0,30})(?:\s+(.*))?\Z", re.DOTALL)
_EMOJI_NAME = re.compile(r":([\w+-]{1,64}):\Z")
_UNITS = {"minute": 60, "min": 60, "hour": 3600, "h": 3600, "day": 86_400, "week": 604_800}
_SPAN = rf"(?P<number>\d{{1,4}}|an?)\s+(?P<unit>{'|'.join(_UNITS)})s?"
_FOR = re.compile(rf"(?:^|\s+)for\s+{_SPAN}\s*\Z", re.IGNORECASE)
_WHEN = rf"(?:in\s+{_SPAN}|(?P<day>tomorrow|next\s+week))"
_WHEN_AT_END = re.compile(rf"\s+{_WHEN}\s*\Z", re.IGNORECASE)
_WHEN_AT_START = re.compile(rf"{_WHEN}(?:\s+to)?\s+", re.IGNORECASE)
_SHRUG = "¯\\\\\\_(ツ)\\_/¯"


def parse(text: str) -> Command | None:
    """Return what a text asks for; None for one that is no command, but to be said as it is."""
    match = _COMMAND.match(text.rstrip())
    if match is None:
        # Nothing that was meant as a command is changed: a path, a comment in code.
        return Say(text[1:]) if text.startswith("//") and _COMMAND.match(text[1:].rstrip()) else None
    name, rest = match.group(1), (match.group(2) or "").strip()
    make = _MAKERS.get(name)
    return make(rest) if make else Unknown(name)


def _status(text: str) -> Command:
    match = _FOR.search(text, _tail_of(text))
    lasts = _span_of(match) if match else None
    emoji, space, said = (text[: match.start()] if match else text).strip().partition(" ")
    found = _emoji_of(emoji)
    if not found:
        emoji, said = "", emoji + space + said
    if match and not (found or said.strip()):
        return Wrong(_("Say what your status is, and then for how long: /status At lunch for 30 minutes"))
    return SetStatus(found, said.strip(), lasts)


def _tail_of(text: str) -> int:
    """Return where the end of a text begins that may say for how long, or when: no text is searched as a whole."""
    return max(0, len(text) - 80)


def _emoji_of(word: str) -> str:
    """Return the emoji that a word is, or names, and "" for any other word."""
    if match := _EMOJI_NAME.match(word):
        return emoji_by_name().get(match.group(1).lower(), "")
    return word if word in _emoji() else ""


@cache
def _emoji() -> frozenset[str]:
    return frozenset(emoji_by_name().values())


def _remind(text: str) -> Command:
    text = re.sub(r"\Ame(?:\s+(?:to|about|of)\b)?\s+", "", text, flags=re.IGNORECASE)
    if match := _WHEN_AT_END.search(text, _tail_of(text)):
        said = text[: match.start()]
    elif match := _WHEN_AT_START.match(text):
        said = text[match.end() :]
    if not match or not said.strip():
        return Wrong(_("Say of what, and when: /remind me call Ada in 20 minutes, tomorrow, or next week"))
    if day := match.group("day"):
        return Remind(said.strip(), when=TOMORROW if day.lower() == "tomorrow" else NEXT_WEEK)
    return Remind(said.strip(), after=_span_of(match))


def _span_of(match: re.Match[str]) -> timedelta:
    number = match.group("number")
    seconds = _UNITS[match.group("unit").lower()]
    return timedelta(seconds=seconds * (int(number) if number.isdecimal() else 1))


def _me(text: str) -> Command:
    if not text:
        return Wrong(_("Say what you do: /me looks around"))
    # Emphasis ends with its paragraph, and with its own mark.
    said = re.sub(r"\n\s*\n", "\n", text)
    mark = "*" if "_" in said else "_"
    return Say(f"{mark}{said}{mark}")


_MAKERS: dict[str, Callable[[str], Command]] = {
    "status": _status,
    "remind": _remind,
    "topic": SetTopic,
    "me": _me,
    "shrug": lambda text: Say(f"{text} {_SHRUG}".strip()),
    "help": lambda text: Help(),
}
