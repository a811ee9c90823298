"""The data of emoji is small, and has only what the server takes and means."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from foundation.fields import Emoji
from foundation.visible import fold_emoji
from messaging.text.emoji import emoji_by_name
from web import emoji_data

pytestmark = pytest.mark.unit

# Of a file, as it goes to browsers.
MOST_BYTES = 60_000
TONES = "🏻🏼🏽🏾🏿"


@pytest.fixture(params=emoji_data.LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_django_finds_a_small_file(language: str) -> None:
    found = finders.find(emoji_data.path_of(language))
    assert isinstance(found, str)
    content = Path(found).read_bytes()
    assert json.loads(content) == emoji_data.reduced(language)
    assert len(gzip.compress(content)) < MOST_BYTES


def test_what_is_offered_is_taken_as_it_is_drawn(language: str) -> None:
    rows = emoji_data.reduced(language)["emoji"]
    assert len(rows) > 1_800
    for emoji, label, *_rest in rows:
        assert Emoji().run_validation(emoji)
        assert label.strip()


def test_each_is_in_a_group_that_has_a_name(language: str) -> None:
    data = emoji_data.reduced(language)
    assert {row[4] for row in data["emoji"]} == {number for number, _ in data["groups"]}


def test_skin_in_all_colours_is_taken(language: str) -> None:
    coloured = [row for row in emoji_data.reduced(language)["emoji"] if len(row) > 5]
    assert len(coloured) > 300
    for emoji, *_rest, light in coloured:
        assert not re.search(f"[{TONES}]", emoji)
        for tone in TONES:
            Emoji().run_validation(light.replace(TONES[0], tone))


def test_short_codes_are_those_of_messages() -> None:
    codes = {code: row[0] for row in emoji_data.reduced("en")["emoji"] for code in row[3].split()}
    assert fold_emoji(codes["thumbsup"]) == "👍"
    assert all(fold_emoji(emoji_by_name()[code]) == fold_emoji(emoji) for code, emoji in codes.items())


def test_names_are_in_the_language() -> None:
    names = {language: dict(row[:2] for row in emoji_data.reduced(language)["emoji"]) for language in ("de", "en")}
    assert names["en"]["🚀"] == "rocket"
    assert names["de"]["🚀"] == "Rakete"


def test_what_most_machines_cannot_draw_is_left_out() -> None:
    offered = {row[0] for row in emoji_data.reduced("en")["emoji"]}
    source = json.loads(Path("node_modules/emojibase-data/en/data.json").read_text())
    newest = {row["emoji"] for row in source if row["version"] > emoji_data.NEWEST}
    assert newest
    assert not newest & offered
