"""The parser of messages: CommonMark without raw HTML and pictures, with strikethrough, and what chats add to it."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from .code import coloured, language_of
from .emoji import use_emoji
from .links import use_links
from .mentions import use_mentions

# How deep quotes, lists and emphasis may lie in each other; a browser computes the layout of each level.
MAX_DEPTH = 20
# The parser drops what lies deeper than this; no text comes so far (`is_too_deep`).
_PARSER_DEPTH = MAX_DEPTH + 10
_TERMINATORS = re.compile(r"[\n\\`*_~\[\]<&:]")


class _Renderer(RendererHTML):
    """Writes what messages have besides CommonMark; a method for each type of token."""

    def mention(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        # `rendering` fills it in; a source has no HTML, so nobody else makes such an element.
        return f'<span class="mention" data-mention="{escapeHtml(tokens[idx].content)}"></span>'

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        token = tokens[idx]
        language = language_of(token.info)
        label = f' data-language="{escapeHtml(language)}"' if language else ""
        return f"<pre><code{label}>{coloured(token.content, token.info) or escapeHtml(token.content)}</code></pre>\n"

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"<pre><code>{escapeHtml(tokens[idx].content)}</code></pre>\n"


@cache
def parser() -> MarkdownIt:
    options = {"html": False, "breaks": True, "xhtmlOut": False, "maxNesting": _PARSER_DEPTH}
    made = MarkdownIt("commonmark", options, renderer_cls=_Renderer)
    # A picture of elsewhere would tell its server who reads; without the rule it is a link behind a '!'.
    made.enable("strikethrough").disable(["html_block", "html_inline", "image"])
    # Only where a rule of ours begins: at each such character all of them are asked.
    made.inline.terminator_re = _TERMINATORS
    use_mentions(made)
    use_links(made)
    use_emoji(made)
    made.core.ruler.push("flatten", _flatten)
    return made


def is_too_deep(tokens: Sequence[Token]) -> bool:
    """Return whether the parser may have dropped something."""
    return any(token.level > MAX_DEPTH for token in tokens)


def mentioned(tokens: Sequence[Token]) -> list[str]:
    """Return the targets of the mentions of a parsed text, in their order."""
    inline = (child for token in tokens for child in token.children or ())
    return [token.content for token in inline if token.type == "mention"]


def _flatten(state: StateCore) -> None:
    """Turn emphasis that lies too deep into the marks that were typed."""
    for token in state.tokens:
        depth = 0
        for child in token.children or ():
            depth += child.nesting == 1
            if child.nesting and depth > MAX_DEPTH and child.tag != "a":
                depth -= child.nesting == -1
                child.type, child.tag, child.content, child.nesting = "text", "", child.markup, 0
            else:
                depth -= child.nesting == -1
