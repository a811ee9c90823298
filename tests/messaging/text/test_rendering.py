"""What messages have besides CommonMark: mentions, bare addresses, emoji, and coloured code."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.text import rendering
from messaging.text.mentions import MAX_NAMED, NOBODY, Mentions
from messaging.text.rendering import MAX_SHOWN, mentions_in, render

pytestmark = pytest.mark.unit

_WIKI = "https://en.wikipedia.org/wiki/Foo_(bar)"


def html_of(source: str, **names: str) -> str:
    return render(source).filled(names)


def links_in(source: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'<a href="([^"]*)"', html_of(source))]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://a.b/c, and", "https://a.b/c"),
        (f"({_WIKI})", _WIKI),
        (f"see ({_WIKI}).", _WIKI),
        ("[https://a.b/c]", "https://a.b/c"),
        ("https://a.b/c[1]", "https://a.b/c[1]"),
        ("«https://a.b/c»", "https://a.b/c"),
        ("“https://a.b/c”", "https://a.b/c"),
        ('"https://a.b/c"', "https://a.b/c"),
        ("https://a.b/c…", "https://a.b/c"),
        ("https://a.b/c...", "https://a.b/c"),
        ("**https://a.b/c**", "https://a.b/c"),
        ("**see https://a.b/c**, please", "https://a.b/c"),
        ("*https://a.b/c*", "https://a.b/c"),
        ("~~https://a.b/c~~", "https://a.b/c"),
        ("https://a.b/c。他", "https://a.b/c"),
        ("\uff08https://a.b/c\uff09", "https://a.b/c"),
        ("「https://a.b/c」", "https://a.b/c"),
        ("https://a.b/c?d=e&f=g;", "https://a.b/c?d=e&f=g"),
        ("https://a.b/c_d_e", "https://a.b/c_d_e"),
        ("https://a.b/c&quot;", "https://a.b/c"),
        ("HTTP://localhost:3000/x!", "HTTP://localhost:3000/x"),
        ("https://a.b:", "https://a.b"),
        ("<https://a.b/c>", "https://a.b/c"),
    ],
)
def test_a_link_ends_where_people_end_it(text: str, address: str) -> None:
    assert links_in(text) == [address.replace("[", "%5B").replace("]", "%5D")]
    if not text.startswith("<"):
        assert f">{address}</a>".replace("&", "&amp;") in html_of(text)


@pytest.mark.parametrize(
    "text", ["ahttps://a.b", "https://", "http:// a", "https://-", "`https://a.b`", "https://u:p@a.b/", "ftp://a.b"]
)
def test_no_link(text: str) -> None:
    assert links_in(text) == []


def test_a_link_holds_no_other() -> None:
    assert links_in("[https://a.b](https://c.d)") == ["https://c.d"]


def test_links_tell_nobody_where_they_were() -> None:
    link = '<a href="https://a.b" target="_blank" rel="noopener noreferrer">https://a.b</a>'
    assert html_of("https://a.b") == f"<p>{link}</p>"


def test_a_name_is_filled_in_where_it_is_shown() -> None:
    rendered = render("**<@user_1>**, ask <@user_2>")
    assert rendered.ids == ["user_1", "user_2"]
    html = rendered.filled({"user_1": "<b>Ada", "user_3": "Bob"})
    assert html == (
        '<p><strong><span class="mention" data-mention="@user_1">@&lt;b&gt;Ada</span></strong>, ask &lt;@user_2&gt;</p>'
    )


def test_a_message_may_be_a_name_alone() -> None:
    assert render("**<@user_1>**").filled({"user_1": "Ada"}) == (
        '<p><strong><span class="mention" data-mention="@user_1">@Ada</span></strong></p>'
    )


def test_ids_may_have_what_looks_like_markup() -> None:
    assert render("<@a_b> <@_c_> <@d|e:f>").ids == ["a_b", "_c_", "d|e:f"]


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("hello", NOBODY),
        ("1 < 2 and <@ > <!everybody> <@>", NOBODY),
        ("`<@a>` and\n\n    <@b>\n\n```\n<!all>\n```", NOBODY),
        ("<@b> <@a> <@b>", Mentions(("b", "a"))),
        ("<!all> <@a>", Mentions(("a",), all=True)),
        ("<!here>", Mentions(here=True)),
        ("[<@a>](https://a.b)", Mentions(("a",))),
        ("\\<@a>", NOBODY),
    ],
)
def test_whom_a_text_names(source: str, named: Mentions) -> None:
    assert mentions_in(source) == named
    assert bool(mentions_in(source)) is (named != NOBODY)


def test_a_message_names_a_bounded_number_of_people() -> None:
    named = mentions_in("".join(f"<@u{number}> " for number in range(2 * MAX_NAMED)))
    assert named.user_ids == tuple(f"u{number}" for number in range(MAX_NAMED))


def test_a_bounded_number_of_names_is_shown() -> None:
    rendered = render(" ".join(f"**<@u{number}>**" for number in range(MAX_SHOWN + 2)))
    assert rendered.ids == [f"u{number}" for number in range(MAX_SHOWN)]
    end = f"<strong>&lt;@u{MAX_SHOWN}&gt;</strong> <strong>&lt;@u{MAX_SHOWN + 1}&gt;</strong></p>"
    assert rendered.filled({}).endswith(end)


def test_who_is_shown_is_named() -> None:
    """Also behind the bound of what is parsed, and in what is too deep to be parsed."""
    for source in ("*a*\n" * 2000 + "<@late> `<@code>`", ">" * 50 + "<@deep>"):
        assert list(mentions_in(source).user_ids) == render(source).ids


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (":smile:", "😄"),
        ("well:", "well:"),
        (":thumbsup::+1:", "👍👍"),
        ("10:30:45 a:b:c", "10:30:45 a:b:c"),
        (":no_such_emoji:", ":no_such_emoji:"),
        ("**:Tada:**", "<strong>🎉</strong>"),
        ("`:smile:`", "<code>:smile:</code>"),
    ],
)
def test_emoji_have_names(source: str, shown: str) -> None:
    assert html_of(source) == f"<p>{shown}</p>"


def test_code_has_colours_if_it_names_its_language() -> None:
    assert '<code data-language="python"><span class="k">def</span>' in html_of("```python\ndef f(): ...\n```")
    assert "<span" not in html_of("```\ndef f(): ...\n```")
    assert "<span" not in html_of(f"```python\n{'x = 1 ' * 1000}\n```")


def test_lines_are_kept() -> None:
    assert html_of("a\nb\n\nc") == "<p>a<br>\nb</p>\n<p>c</p>"


def test_strikethrough() -> None:
    assert html_of("~~a~~") == "<p><s>a</s></p>"


def test_what_is_too_long_to_be_parsed_is_shown_as_it_was_typed() -> None:
    source = "- *a*\n" * 1600
    html = html_of(source)
    assert html.startswith("<ul>\n<li><em>a</em></li>")
    assert html.endswith("- *a*<br>\n- *a*</p>")
    assert html.count("a") - html.count("<a") >= 1600


@given(st.text(st.sampled_from("ab1 #-+=.)>'\"!\u00e9\u4e2d(/?"), min_size=1, max_size=30).filter(str.strip))
def test_plain_words_need_no_parser(source: str) -> None:
    if rendering._PLAIN.fullmatch(source):
        assert html_of(source) == rendering._markup(source).strip()
