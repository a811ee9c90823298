"""Addresses that people write without markup, and where each ends: before what belongs to the sentence around it."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

# What comes before the colon; no letter or digit precedes it.
_SCHEME = re.compile(r"(?:^|[^\w])(https?)$", re.IGNORECASE)
# White space, quotes, brackets of other scripts and their punctuation are in no address as people write it.
# In this order: quotes, an ellipsis, CJK punctuation, its wide forms, other spaces, and what changes the direction.
_NONE = (
    '\\s<>"`\\\\^{|}\u00ab\u00bb\u2018-\u201f\u2039\u203a\u2026\u3001\u3002\u3008-\u3011\u3014-\u301f'
    "\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b\uff5d\uff61-\uff64"
    "\u2000-\u200f\u2028-\u202f\u2060-\u206f"
)
_ADDRESS = re.compile(f"//[^{_NONE}]+")
_HOST = re.compile(r"//(?:\w[\w.-]*|\[[0-9a-f:.]+\])(?::\d{1,5})?(?![\w@:-])", re.IGNORECASE)
_ENCODED = re.compile(r"[A-Za-z0-9._~:/?#@!$&'()*+,;=-]+")
_MAX_LENGTH = 2_000
_AFTER = ".,;:!?'*_~"
_PAIRS = {")": "(", "]": "["}
_ENTITY = re.compile(r"&[a-z0-9]{1,10};$", re.IGNORECASE)
# Later addresses of a message are text.
MAX_LINKS = 50


def use_links(parser: MarkdownIt) -> None:
    """Have a parser make links of bare http and https addresses, as of those in angle brackets."""
    parser.inline.ruler.push("bare_link", _bare_link)


def end_of_address(text: str) -> int:
    """Return how much of a text that begins with `//` belongs to the address; 0 if there is none."""
    # First, for it is short: after each colon the rest of the text may look like an address.
    found = _ADDRESS.match(text) if _HOST.match(text) else None
    address = _ENTITY.sub("", _balanced(found.group())).rstrip(_AFTER) if found else ""
    return len(address) if _HOST.match(address) else 0


def _balanced(address: str) -> str:
    """Cut an address before a bracket that closes what was opened before it, and before `**` and `~~`."""
    open_brackets: list[str] = []
    for place, character in enumerate(address):
        if character in "([":
            open_brackets.append(character)
        elif character in _PAIRS:
            if not open_brackets or open_brackets.pop() != _PAIRS[character]:
                return address[:place]
        elif address.startswith(("**", "~~"), place):
            return address[:place]
    return address


def _bare_link(state: StateInline, silent: bool) -> bool:
    if state.linkLevel > 0 or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.pending[-8:])
    links = state.env.get("links", 0)
    if scheme is None or links >= MAX_LINKS:
        return False
    start = state.pos + 1
    size = end_of_address(state.src[start : min(start + _MAX_LENGTH, state.posMax)])
    if not size:
        return False
    written = scheme.group(1) + ":" + state.src[start : start + size]
    # Most addresses need no encoding, which takes a quarter of a message's time.
    href = written if _ENCODED.fullmatch(written) else state.md.normalizeLink(written)
    if not state.md.validateLink(href):
        return False
    if not silent:
        state.env["links"] = links + 1
        state.pending = state.pending[: -len(scheme.group(1))]
        state.push("link_open", "a", 1).attrs = {"href": href}
        state.push("text", "", 0).content = written
        state.push("link_close", "a", -1)
    state.pos = start + size
    return True
