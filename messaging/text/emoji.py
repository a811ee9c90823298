"""Emoji by their names: `:smile:`, as the data set of the package `emoji` has them."""

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

# Names of places and people have other characters too; all others have one of these.
_NAME = re.compile(r":([A-Za-z0-9_+-]{1,64}):(?!\w)")


@cache
def emoji_by_name() -> dict[str, str]:
    """Return the emoji by their English names and aliases, in lower case."""
    # Read when the first name is seen: it has 5,000 rows.
    from emoji import EMOJI_DATA

    found: dict[str, str] = {}
    for emoji, data in EMOJI_DATA.items():
        for name in (*data.get("alias", ()), data["en"]):
            found.setdefault(name.strip(":").lower(), emoji)
    return found


def use_emoji(parser: MarkdownIt) -> None:
    """Have a parser replace the names of emoji outside of code."""
    parser.inline.ruler.push("emoji", _emoji)


def _emoji(state: StateInline, silent: bool) -> bool:
    # Neither in a time (10:30:45) nor in a path (a:b:c).
    if state.src[state.pos] != ":" or state.src[state.pos - 1 : state.pos].isalnum():
        return False
    match = _NAME.match(state.src, state.pos)
    emoji = emoji_by_name().get(match.group(1).lower()) if match else None
    if match is None or emoji is None:
        return False
    if not silent:
        state.append_pending(emoji)
    state.pos = match.end()
    return True
