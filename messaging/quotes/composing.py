"""The text of a quote: pure, bounded, and such that it names nobody and leaves no markup open.

    [Ada Lovelace](/groups/<groupId>/messages/<seq>):
    > what she wrote

What was written is cut where it does not fit. A mention in it becomes the name that it stood for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from string import punctuation
from typing import Any

from messaging.text.bounds import split_at_bound
from messaging.text.markdown import parser
from messaging.text.mentions import split_mentions

ELLIPSIS = "…"
# Characters of the longest quote.
MAX_QUOTE = 3_000
_MARK = "> "
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_ESCAPED = re.compile(f"([{re.escape(punctuation)}])")
# What may define a link, within quotes and lists too: `[label]: address`, whose label may go on on the next line.
_DEFINITION = re.compile(r"^([ \t>*+\-\d.)]*)\[(?=(?:[^\[\]\\]|\\.){1,1000}\]:)", re.MULTILINE | re.DOTALL)
_LINE_BREAK = re.compile(r"\r\n?|\n")
# Mentions may lie in each other: taking one away makes another. More levels than a text may have characters are none.
_MAX_LEVELS = 20


def compose(source: str, *, author: str, link: str, files: Iterable[str], names: Mapping[str, str], space: int) -> str:
    """Return the quote of a source, `space` characters at most, without a line break at its end.

    `files` are names of its attachments, `names` those of the users whom it names, by id, of teams the handles. Returns
    "" where `space` does not suffice for the author and some of the text.
    """
    head = f"[{escaped(author)}]({link}):"
    lines = _LINE_BREAK.split(without_mentions(source, names).strip("\r\n")) if source.strip() else []
    lines += [f"📎 {escaped(name)}" for name in files]
    left = min(space, MAX_QUOTE) - len(head)
    if left < 50:
        return ""
    for candidate in _without_definitions(lines):
        text = "\n".join([head, *(_MARK + line for line in fitting(candidate, left))])
        if not _defines(text):
            return text
    return ""


def _without_definitions(lines: list[str]) -> Iterator[list[str]]:
    """Yield the lines as they are, and with what defines a link escaped: in text alone, and in what may be code too.

    A definition holds for the whole message, and would make links of what is said below.
    """
    yield lines
    whole = "\n".join(lines)
    everywhere = _DEFINITION.sub(r"\1\\[", whole).split("\n")
    yield [
        line if is_code else changed for line, changed, is_code in zip(lines, everywhere, _in_fence(lines), strict=True)
    ]
    yield everywhere


def _defines(text: str) -> bool:
    if not _DEFINITION.search(text):
        return False
    found: dict[str, Any] = {}
    parser().parse(split_at_bound(text)[0], found)
    return bool(found.get("references"))


def _in_fence(lines: list[str]) -> Iterator[bool]:
    fence = ""
    for line in lines:
        yield bool(fence)
        fence = _fence_after(fence, line)


def escaped(text: str) -> str:
    """Return Markdown that shows a text as it is."""
    return _ESCAPED.sub(r"\\\1", text)


def without_mentions(source: str, names: Mapping[str, str]) -> str:
    """Return a source with names in place of mentions, in code too: whatever is quoted names nobody anew."""
    for _ in range(_MAX_LEVELS):
        parts = split_mentions(source)
        if len(parts) == 1:
            return source
        parts[1::2] = [_name_of(target, names) for target in parts[1::2]]
        source = "".join(parts)
    return source.replace("<", "&lt;")


def _name_of(target: str, names: Mapping[str, str]) -> str:
    user_id = target[1:]
    return "@" + (user_id if target.startswith("!") else escaped(names.get(user_id, "somebody")))


def fitting(lines: list[str], space: int) -> list[str]:
    """Return the lines that fit into `space` characters with a mark and a line break each; a fence is closed."""
    kept: list[str] = []
    fence = ""
    for line in lines:
        after = _fence_after(fence, line)
        # What comes after the line must be shown to be left out, and a fence be closed.
        if _size(line) + _size(after) + _size(ELLIPSIS) > space:
            room = space - _size(fence) - _size(ELLIPSIS)
            cut = line[: max(0, room)].rstrip("\\") if after == fence else ""
            return _closed([*kept, cut + ELLIPSIS], fence)
        kept.append(line)
        space -= _size(line)
        fence = after
    return _closed(kept, fence)


def _size(line: str) -> int:
    return len(line) + len(_MARK) + 1


def _closed(lines: list[str], fence: str) -> list[str]:
    return [*lines, fence] if fence else lines


def _fence_after(fence: str, line: str) -> str:
    """Return the fence that is open after a line, "" for none, if `fence` is open before it."""
    match = _FENCE.match(line)
    if match is None:
        return fence
    marks = match.group(1)
    if not fence:
        return marks
    closes = marks[0] == fence[0] and len(marks) >= len(fence) and not line[match.end() :].strip()
    return "" if closes else fence
