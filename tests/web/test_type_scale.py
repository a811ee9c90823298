"""All text has a size of one scale, which tokens.css has."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

CSS = Path(__file__).resolve().parent.parent.parent / "web" / "static" / "web" / "css"
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
# Letters and emoji that are pictures, as large as these; and the time in the gutter, which has 66 pixels.
_PICTURES = re.compile(r"avatar|picture|emoji|chooser|\.hash|\.continued|::after")
_BODY = 15


def scale() -> set[float]:
    return {_BODY, *map(float, re.findall(r"--text-\w+: ([\d.]+)px", (CSS / "tokens.css").read_text()))}


def off_scale(text: str) -> list[str]:
    """Return the selectors of rules whose text has another size."""
    rules = _RULE.findall(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
    sizes = [
        (selector.strip(), size) for selector, body in rules for size in re.findall(r"font-size: ([\d.]+)px", body)
    ]
    return [selector for selector, size in sizes if float(size) not in scale() and not _PICTURES.search(selector)]


@pytest.mark.parametrize("sheet", sorted(path.relative_to(CSS).as_posix() for path in CSS.rglob("*.css")))
def test_the_text_of_a_sheet_is_on_the_scale(sheet: str) -> None:
    assert off_scale((CSS / sheet).read_text()) == []


def test_a_size_of_its_own_is_found() -> None:
    assert off_scale(".a { font-size: 12px; } .b { font-size: 12.5px; }") == [".b"]


def test_the_scale_has_few_steps() -> None:
    assert len(scale()) == 7
