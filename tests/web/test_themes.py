"""A theme that somebody has chosen is that of the device: its colours are the same."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

CSS = Path(__file__).resolve().parent.parent.parent / "web" / "static" / "web" / "css"


@pytest.mark.parametrize("sheet", ["tokens.css", "status.css"])
def test_dark_is_dark_by_choice_and_by_device(sheet: str) -> None:
    text = (CSS / sheet).read_text()
    (by_device,) = re.findall(
        r"@media \(prefers-color-scheme: dark\) \{\s*:root:not\(\[data-theme\]\) \{([^}]*)\}", text
    )
    (by_choice, *_) = re.findall(r":root\[data-theme=dark\] \{([^}]*)\}", text)
    assert by_device.split() == by_choice.split() != []


def test_no_sheet_asks_the_device_alone() -> None:
    sheets = [path.name for path in CSS.rglob("*.css") if "prefers-color-scheme" in path.read_text()]
    assert sorted(sheets) == ["status.css", "tokens.css"]
