"""What the picker and the completions know of emoji: the package `emojibase-data`, cut down to what they show.

Made into a static file for each language: by `build_static` where files are built, else by each process as it starts.
"""

import atexit
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from rest_framework.exceptions import ValidationError

from foundation.fields import Emoji
from foundation.visible import fold_emoji
from messaging.text.emoji import emoji_by_name

LANGUAGES = ("de", "en")
# Newer ones are boxes on most machines, for fonts come later.
NEWEST = 15.1
# Of emojibase: skin colours and hair without anybody.
_COMPONENTS = 2
# The modifiers of skin, from light to dark.
_TONES = ("\U0001f3fb", "\U0001f3fc", "\U0001f3fd", "\U0001f3fe", "\U0001f3ff")
_FOLDER = "web/emoji"

Row = list[Any]


def path_of(language: str) -> str:
    """Return where the file of a language lies among the static files."""
    return f"{_FOLDER}/{language}.json"


def reduced(language: str) -> dict[str, Any]:
    """Return {"groups": [[number, name]], "emoji": [[emoji, name, tags, short codes, group, in light skin]]}.

    Tags and short codes are one text, with spaces. Only what the server takes as a reaction is among them; short codes
    are those that it replaces in messages. The last is missing where skin has no colours.
    """
    names = json.loads((_source() / language / "messages.json").read_text())["groups"]
    rows = json.loads((_source() / language / "data.json").read_text())
    shown = [row for row in rows if _is_offered(row)]
    return {
        "groups": [[group["order"], group["message"]] for group in names if group["order"] != _COMPONENTS],
        "emoji": [_row(row) for row in sorted(shown, key=lambda row: row["order"])],
    }


def _source() -> Path:
    return Path(settings.BASE_DIR) / "node_modules" / "emojibase-data"


def _is_offered(row: dict[str, Any]) -> bool:
    if row.get("group", _COMPONENTS) == _COMPONENTS or row["version"] > NEWEST:
        return False
    return _is_taken(row["emoji"])


@cache
def _is_taken(emoji: str) -> bool:
    """Return whether the server takes this as a reaction."""
    try:
        Emoji().run_validation(emoji)
    except ValidationError:
        return False
    return True


def _row(row: dict[str, Any]) -> Row:
    codes = " ".join(_names().get(fold_emoji(row["emoji"]), ()))
    words = _words(row["label"])
    tags = [tag for tag in row.get("tags", ()) if not words.issuperset(_words(tag))]
    made: Row = [row["emoji"], row["label"], " ".join(tags), codes, row["group"]]
    light = _in_light(row)
    return [*made, light] if light else made


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _in_light(row: dict[str, Any]) -> str:
    """Return an emoji in the lightest colour of skin, from which the others follow, or ""."""
    skins = {skin["tone"]: skin["emoji"] for skin in row.get("skins", ()) if isinstance(skin["tone"], int)}
    # Of couples there are more, of two colours: they are left out.
    by_rule = {tone: skins.get(1, "").replace(_TONES[0], colour) for tone, colour in enumerate(_TONES, 1)}
    return skins[1] if by_rule.items() <= skins.items() else ""


@cache
def _names() -> dict[str, list[str]]:
    """Return the short codes of each emoji, without its variation selectors."""
    found: dict[str, list[str]] = {}
    for name, emoji in emoji_by_name().items():
        if name.isascii():
            found.setdefault(fold_emoji(emoji), []).append(name)
    return found


class EmojiFinder(BaseFinder):
    """Has Django find the files of emoji among the static files."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path not in map(path_of, LANGUAGES):
            return [] if find_all else None
        found = str(_made() / path)
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        storage = FileSystemStorage(location=_made())
        for language in LANGUAGES:
            yield path_of(language), storage


@cache
def _made() -> Path:
    """Return a folder with the files, of this process alone."""
    folder = Path(tempfile.mkdtemp(prefix="emoji-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / _FOLDER).mkdir(parents=True)
    for language in LANGUAGES:
        (folder / path_of(language)).write_text(
            json.dumps(reduced(language), ensure_ascii=False, separators=(",", ":"))
        )
    return folder
