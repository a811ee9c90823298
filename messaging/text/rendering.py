"""A message's source as HTML; pure, and bounded in the time that it takes and in what it becomes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape

from workspace.teams.ids import is_team_id

from . import markdown
from .bounds import SHORT_WORK, split_at_bound, work_of
from .cleaning import cleaned
from .mentions import NOBODY, Mentions, may_mention, split_mentions

# Characters. Larger HTML, as of code of which each sign has a colour, is replaced by that of the plain text.
MAX_HTML = 60_000
# Further mentions are shown as they were typed: a name is longer than what stands for it.
MAX_SHOWN = 100
# What is one paragraph of words; everything else is parsed.
_PLAIN = re.compile(r"(?![ ]{4}|[ ]{0,3}(?:[#+=-]|\d{1,9}[.)]))[^\\`*_~\[\]<>&\x00\xa0\r\n\t:]+")
_FILLED = re.compile(r'<span class="mention" data-mention="([^"]*)"></span>')
_TAG = re.compile(r"<[^>]*>")
# What shows something without a text of its own.
_SHOWN = re.compile(r"<hr>|<span class=\"mention\"")


@dataclass(frozen=True, slots=True)
class Rendered:
    """HTML in which names are yet to be filled in: texts and targets (`@` and an id, `!all`, `!here`) by turns."""

    parts: tuple[str, ...]

    @property
    def ids(self) -> list[str]:
        """Return the ids of the users and teams whose names the HTML shows."""
        return [target[1:] for target in self.parts[1::2] if target.startswith("@")]

    def filled(self, names: Mapping[str, str]) -> str:
        """Return the HTML with these names by id, of teams the handles; what has none is shown as it was typed."""
        if len(self.parts) == 1:
            return self.parts[0]
        filled = list(self.parts)
        filled[1::2] = [_shown(target, names) for target in self.parts[1::2]]
        return "".join(filled)


def _shown(target: str, names: Mapping[str, str]) -> str:
    if target.startswith("!"):
        return f'<span class="mention" data-mention="{target}">@{target[1:]}</span>'
    name = names.get(target[1:])
    if name is None:
        return escape(f"<{target}>")
    if is_team_id(target[1:]):
        return f'<a class="mention" data-mention="{target}" href="/teams/{target[1:]}">@{escape(name, quote=False)}</a>'
    return f'<span class="mention" data-mention="{escape(target)}">@{escape(name, quote=False)}</span>'


def plain_html(source: str) -> str | None:
    """Return the HTML of a text that is one paragraph of words, as most are; None for any other."""
    if _PLAIN.fullmatch(source) and (text := source.strip(" ")):
        return f"<p>{text}</p>"
    return None


def render(source: str) -> Rendered:
    """Return the HTML of a message's text."""
    if (plain := plain_html(source)) is not None:
        return Rendered((plain,))
    marked, rest = split_at_bound(source)
    html = (_markup(marked) + _typed(rest)) if marked else _typed(source)
    # What a text has besides words may show nothing: the definition of a link that nobody uses.
    if len(html) > MAX_HTML or not (_TAG.sub("", html).strip() or _SHOWN.search(html)):
        html = _typed(source)
    return _rendered(html)


def _rendered(html: str) -> Rendered:
    texts = _FILLED.split(html.rstrip())
    targets, after = [unescape(target) for target in texts[1::2]], texts[2::2]
    rest = [escape(f"<{target}>") + text for target, text in zip(targets[MAX_SHOWN:], after[MAX_SHOWN:], strict=True)]
    parts = texts[: 2 * MAX_SHOWN + 1]
    parts[1::2] = targets[:MAX_SHOWN]
    parts[-1] += "".join(rest)
    return Rendered(tuple(parts))


def typed(source: str) -> Rendered:
    """Return HTML that shows a text as it was typed."""
    return _rendered(_typed(source))


def is_quick(source: str) -> bool:
    """Return whether a text may be rendered on the event loop: it is short, and has no code to colour."""
    return "```" not in source and "~~~" not in source and work_of(source) <= SHORT_WORK


def mentions_in(source: str) -> Mentions:
    """Return whom a text names; what is code names nobody."""
    if not may_mention(source):
        return NOBODY
    marked, rest = split_at_bound(source)
    tokens = markdown.parser().parse(marked)
    if markdown.is_too_deep(tokens):
        marked, rest, tokens = "", source, []
    return Mentions.of([*markdown.mentioned(tokens), *split_mentions(rest)[1::2]])


def _markup(source: str) -> str:
    parser = markdown.parser()
    env: dict[str, object] = {}
    tokens = parser.parse(source, env)
    if markdown.is_too_deep(tokens):
        return _typed(source)
    return cleaned(parser.renderer.render(tokens, parser.options, env))


def _typed(source: str) -> str:
    """Return HTML that shows a text as it was typed, with its lines, and those whom it names."""
    if not source.strip():
        return ""
    parts = split_mentions(source.strip("\n"))
    parts[0::2] = [escape(text, quote=False).replace("\n", "<br>\n") for text in parts[0::2]]
    parts[1::2] = [f'<span class="mention" data-mention="{target}"></span>' for target in parts[1::2]]
    return f"<p>{''.join(parts)}</p>\n"
