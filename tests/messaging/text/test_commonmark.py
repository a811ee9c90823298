"""CommonMark's own cases, without what messages leave out: raw HTML and pictures."""

import json
import re
from pathlib import Path

import pytest

from messaging.text.cleaning import cleaned
from messaging.text.rendering import render

pytestmark = pytest.mark.unit

# [number, section, source, HTML], from version 0.31.2 of the specification (npm: commonmark-spec), by John MacFarlane;
# CC BY-SA 4.0.
CASES = [tuple(case) for case in json.loads((Path(__file__).parent / "data" / "commonmark.json").read_text())]
LEFT_OUT = {"HTML blocks", "Raw HTML", "Images"}
RAW_HTML = {21, 31, 201, 308, 309, 344, 476, 477, 491, 494, 524, 536, 642, 643}
PICTURES = {n for n, _, _, html in CASES if "<img" in html}
# The whole message would show nothing: it is shown as it was typed.
SHOWS_NOTHING = {79, 126, 129, 130, 144, 207, 239, 240, 284, 484, 487}
# An address that is no link in CommonMark.
BARE_LINKS = {602, 608, 611}


def _normal(html: str) -> str:
    """Return HTML without what is ours: colours and the language of code, and line breaks where lines end."""
    html = re.sub(r"</?span[^>]*>", "", html)
    html = re.sub(r"<code [^>]*>", "<code>", html)
    return re.sub(r">\s+<", "><", re.sub(r"<br>\n?", "\n", html)).strip()


@pytest.mark.parametrize(
    ("number", "source", "html"),
    [
        pytest.param(number, source, html, id=f"{number}")
        for number, section, source, html in CASES
        if section not in LEFT_OUT and number not in RAW_HTML | PICTURES | SHOWS_NOTHING | BARE_LINKS
    ],
)
def test_a_case_of_the_specification(number: int, source: str, html: str) -> None:
    assert _normal(render(source).filled({})) == _normal(cleaned(html))


def test_most_cases_are_tried() -> None:
    left_out = {n for n, section, *_ in CASES if section in LEFT_OUT} | RAW_HTML | PICTURES | SHOWS_NOTHING | BARE_LINKS
    assert len(CASES) == 652
    assert len(left_out) < 130


@pytest.mark.parametrize("number", sorted(SHOWS_NOTHING))
def test_no_message_shows_nothing(number: int) -> None:
    source = CASES[number - 1][2]
    assert render(source).filled({}).replace("<br>", "").removeprefix("<p>").strip()
