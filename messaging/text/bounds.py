"""How much of a message is Markdown: the parser's time grows with the marks and lines of a text, not with its words."""

import re

# Microseconds that a line, a level of a quote around it, the beginning of an item, or a mark takes at most. Measured on
# the worst texts that were found (docs/decisions/0037).
_LINE, _LEVEL, _BLOCK, _MARK = 28, 8, 45, 18
# Of a message; what follows is shown as it was typed.
MAX_WORK = 10_000
# A text that takes less is parsed on the event loop.
SHORT_WORK = 1_000
# How deep the marks of one line may lie in each other.
MAX_LEVELS = 10
_MARKS = "*_~`[]<&\\:"
_BLOCKS = re.compile(r"^(?:[ \t]{0,4}(?:>|#|[-+*](?=[ \t]|$)|\d{1,9}[.)](?=[ \t]|$)))+", re.MULTILINE)
_COSTLY = re.compile(rf"(?P<line>\n)|(?P<block>{_BLOCKS.pattern})|[{re.escape(_MARKS)}]", re.MULTILINE)


def work_of(source: str) -> int:
    """Return how many microseconds a parser takes at most for the text, about."""
    blocks = _BLOCKS.findall(source)
    lines, marks = 1 + source.count("\n"), sum(map(source.count, _MARKS))
    return (_LINE + _LEVEL * _levels(blocks)) * lines + _BLOCK * len(blocks) + _MARK * marks


def split_at_bound(source: str) -> tuple[str, str]:
    """Return the part of a text that is read as Markdown, whole lines, and the rest, which is shown as it was typed."""
    if work_of(source) <= MAX_WORK:
        return source, ""
    levels = _levels(_BLOCKS.findall(source))
    if levels > MAX_LEVELS:
        return "", source
    costs = {"line": _LINE + _LEVEL * levels, "block": _BLOCK}
    work, end = costs["line"], 0
    for match in _COSTLY.finditer(source):
        work += costs.get(match.lastgroup or "", _MARK)
        if work > MAX_WORK:
            # A line that is too long by itself is cut between two words.
            end = end or source.rfind(" ", 0, match.start()) + 1
            break
        if match.lastgroup == "line":
            end = match.end()
    return source[:end], source[end:]


def _levels(blocks: list[str]) -> int:
    """Return in how many quotes and lists the deepest line lies by its own marks."""
    return max((max(block.count(">"), len(block.split())) for block in blocks), default=0)
