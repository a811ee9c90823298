"""Hostile texts: their HTML has no script, no style and no address that runs something, and none takes long to make."""

import random
import re
import sys
from functools import partial
from html.parser import HTMLParser
from types import FrameType
from typing import Any

import pytest

from messaging.text.code import CLASSES, LANGUAGES
from messaging.text.markdown import MAX_DEPTH
from messaging.text.rendering import MAX_HTML, mentions_in, render
from tests.cpu_time import cpu_seconds

pytestmark = pytest.mark.unit

LENGTH = 10_000
SECONDS = 0.02
_HTML = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<style>*{display:none}</style>",
    '<p style="position:fixed;top:0;left:0;width:100%;height:100%">x</p>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<form action=https://evil.example><input name=password>",
    "<base href=https://evil.example>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<a href=javascript:alert(1)>x</a>",
    "<template><script>alert(1)</script></template>",
    "</div></li><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    '<span class="mention" data-mention="@x"></span>',
]
_ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A;&#x61;vascript&colon;alert(1)",
    "%6Aavascript:alert(1)",
    "javascript&#58;alert(1)",
    "\\javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://a.b/c",
    'https://a.b/"onmouseover=alert(1)//',
    "https://a.b/'><script>alert(1)</script>",
    "\x01javascript:alert(1)",
]
_FRAMES = ["{}", "[x]({})", "[x](<{}>)", "[x][y]\n\n[y]: {}", "<{}>", "![x]({})", "**{}**", "> {}", "`{}`", "# {}"]
_FRAMES += ["[x](https://a.b '{}')", "```{}\nx\n```", "```html\n{}\n```", "<@{}>", "[{}](https://a.b)", ":{}:"]
CORPUS = [frame.replace("{}", text) for text in _HTML + _ADDRESSES for frame in _FRAMES]

_HEADINGS = {f"h{level}" for level in range(1, 7)}
TAGS = {"a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "span", "strong", "ul", *_HEADINGS}
ATTRIBUTES = {"href", "title", "target", "rel", "start", "class", "data-mention", "data-language"}


class Elements(HTMLParser):
    """Collects what a browser would make of HTML; `depth` is how deep elements lie in each other at most."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str]] = []
        self.tags: set[str] = set()
        self.depth = self._open = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._open += tag not in ("br", "hr")
        self.depth = max(self.depth, self._open)

    def handle_endtag(self, tag: str) -> None:
        self._open -= 1

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)

    @classmethod
    def of(cls, html: str) -> "Elements":
        elements = cls()
        elements.feed(html)
        elements.close()
        return elements


def require_harmless(html: str) -> None:
    elements = Elements.of(html)
    assert elements.tags <= TAGS
    for name, value in elements.attributes:
        assert name in ATTRIBUTES
        if name == "href":
            assert re.match(r"(https?:|mailto:|/(?![/\\]))", value, re.IGNORECASE), value
        if name == "class":
            assert set(value.split()) <= {"mention", *CLASSES}
        if name == "rel":
            assert value == "noopener noreferrer"


@pytest.mark.parametrize("source", CORPUS, ids=range(len(CORPUS)))
def test_a_hostile_text_is_harmless(source: str) -> None:
    rendered = render(source)
    require_harmless(rendered.filled(dict.fromkeys(rendered.ids, "<script>alert(1)</script>")))


_ATOMS = "* _ ` [ ] ( ) < > ! & | ~~ \\ : ``` <@a> <!all> [a] ]: ](b) https://a.b/ :smile: &amp; javascript: ' \" = #"
ATOMS = [*_ATOMS.split(), "\n", "\n\n", "- ", "> ", "# ", "1. ", " ", "    ", "\t", "  \n", "a", "\xa0", "\u202e"]


@pytest.mark.parametrize("seed", range(8))
def test_a_text_of_chance_is_harmless(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        source = "".join(chance.choices([*ATOMS, *_HTML, *_ADDRESSES], k=chance.randrange(1, 60)))
        require_harmless(render(source).filled({"a": "<b>"}))


def filled(part: str) -> str:
    return (part * (LENGTH // len(part) + 1))[:LENGTH]


_PARTS: list[str] = [
    *["a", "\n", " ", "*", "_", "`", "[", "](", "![", "<", "&", ":", "\\", ">", "#", "~", "\xa0", "(", "\u00e9 "],
    *["*a ", "**a *b ", "_a_", "*_", "a**b", "**x*", "***a ", "~~a~~", "~~*", "*a_ ", "<@a>", "<!all>", "<!--", "<a"],
    *["[a](", "[a](b)", "![a](b)", "[a][b]", '[a](b "', "[a](<b", "[a]: b\n", "[a]: b\n\n[a] ", "[\n", "<a b='"],
    *["- a\n", "* * a\n", "1. a\n", "- > a\n", "> - ", ">\n", "> > a\n", "+\n", "\t- \t", "- ", "* ", "1)\n"],
    *["a\n", "a\n\n", "a  \n", "  a\n", "    a\n", "# a\n", "# ", "a\n-\n", "---\n", "|a|b|\n", "\\\n", "> ```\n"],
    *["https://a.b/c ", "http://", "https://((((((", "https://a/((", "https://____", "<http://a.b>", "<a@b.c>"],
    *["`a`", "`a", "```\n", "```\na\n```\n", "~~~\n", "&amp;", "&a", ":smile:", ":a:"],
]
WORST = [
    *map(filled, _PARTS),
    "[a](" + "(" * (LENGTH - 4),
    "*a " * 1600 + "a*" * 1600,
    "[" * 5000 + "a" + "](b)" * 1200,
    " ".join("`" * n for n in range(1, 140)),
    "`" * 5000 + " " + "`" * 4999,
    "".join(f"[{n}]: b\n" for n in range(1100)),
    "".join("  " * n + "- a\n" for n in range(95)),
    *(mark * depth + "a\n" * 4900 for mark in (">", "> ", "- ", "> - ") for depth in (3, 7, 10, 11, 50)),
    *((">" * depth + "a\n") * (LENGTH // (depth + 2)) for depth in (3, 10)),
    "".join("  " * n + "- a\n" for n in range(10)) + "a\n" * 4900,
    "".join("  " * n + "> a\n" for n in range(10)) + "a\n" * 4900,
    " " * (LENGTH - 1) + "a",
]


def _calls(source: str) -> int:
    """Return how many functions are called to render a text: the same on every machine."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        render(source)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("source", WORST, ids=range(len(WORST)))
def test_the_worst_text_of_its_kind_is_bounded(source: str) -> None:
    render(":smile: *warm*")
    html = render(source).filled({})
    assert len(html) <= MAX_HTML
    assert Elements.of(html).depth <= 2 * MAX_DEPTH
    require_harmless(html)
    assert _calls(source) < 120_000


def test_no_text_takes_longer_than_20_ms() -> None:
    render(":smile: *warm*")
    for source in sorted(WORST, key=_calls)[-15:]:
        assert cpu_seconds(partial(render, source), times=20, enough=SECONDS) < SECONDS, source[:20]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_code_takes_long_to_colour(language: str) -> None:
    """Lexers are others' regular expressions: none may hang. That of each language was tried with 5,000 characters."""
    for part in (
        "a",
        "(",
        "[",
        "{",
        "<",
        '"',
        "'",
        "/",
        "\\",
        "/*",
        "<!--",
        "${",
        "`",
        "a=",
        "=",
        "-",
        " ",
        "\n",
        "0",
        "<a ",
        "@",
        "#",
    ):
        source = f"```{language}\n{(part * 5000)[:4990]}\n```"
        assert cpu_seconds(partial(_require_harmless_text, source), times=1) < 2, part


def _require_harmless_text(source: str) -> None:
    require_harmless(render(source).filled({}))


def test_many_mentions_cost_no_more_than_many_words() -> None:
    assert len(mentions_in(filled("<@a> <@b> ")).user_ids) == 2
    assert len(mentions_in("".join(f"<@u{n}>" for n in range(1200))).user_ids) == 50
