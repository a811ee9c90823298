"""What somebody types finds emoji by names, tags and short codes, the nearest name first."""

import json
import subprocess

import pytest
from django.contrib.staticfiles import finders

from web import emoji_data

pytestmark = pytest.mark.unit

FIND = """
import { find } from "%s";
const [rows, text] = JSON.parse(await new Response(process.stdin).text());
const words = (joined) => joined.split(" ").filter(Boolean);
const entry = ([unicode, label, tags, codes]) =>
    ({ unicode, label, tags: words(tags), shortcodes: words(codes), skins: [] });
const all = rows.map(entry);
process.stdout.write(JSON.stringify(find(all, text).map(({ label }) => label)));
"""
# What is typed, and the name of what comes first; "" where nothing does.
CASES = {
    "a name": ("en", "rocket", "rocket"),
    "the beginning of a name": ("en", "rocke", "rocket"),
    "capitals": ("en", "ROCKET", "rocket"),
    "a name before longer ones": ("en", "cat", "cat"),
    "a short code": ("en", ":tada:", "party popper"),
    "words in another order": ("en", "eyes heart", "smiling face with heart-eyes"),
    "the emoji itself": ("en", "🚀", "rocket"),
    "nothing of that name": ("en", "qqqq", ""),
    "another language": ("de", "rakete", "Rakete"),
    "without an umlaut": ("de", "lowe", "Löwe"),
}


@pytest.mark.parametrize(("language", "typed", "first"), CASES.values(), ids=CASES)
def test_it_is_found(language: str, typed: str, first: str) -> None:
    module = f"file://{finders.find('web/js/reactions/search.js')}"
    run = subprocess.run(
        ["node", "--input-type=module", "-e", FIND % module],
        input=json.dumps([emoji_data.reduced(language)["emoji"], typed]),
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(run.stdout)
    assert (found or [""])[0].lower() == first.lower()
