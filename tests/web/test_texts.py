"""The script's sentences in the page's language: values, numbers, and errors by their code."""

import json
import subprocess
from typing import Any

import pytest
from django.contrib.staticfiles import finders

pytestmark = pytest.mark.unit
SAY = """
const [language, texts, call, ...given] = JSON.parse(process.argv[1]);
globalThis.document = { documentElement: { lang: language } };
if (texts) globalThis.texts = texts;
const words = { ...(await import("%s")), ...(await import("%s")) };
process.stdout.write(JSON.stringify(words[call](...given)));
"""
GERMAN = {
    "You are now in {name}.": "Du bist jetzt in {name}.",
    "{count} reply": ["{count} Antwort", "{count} Antworten"],
    "!gone": "Es wurde gelöscht.",
}
ARABIC = {"{count} reply": ["0", "1", "2", "{count} few", "{count} many", "{count} other"]}
REPLIES = ["{count} reply", "{count} replies"]
GONE = {"code": "gone", "message": "It has been deleted."}
CASES: dict[str, tuple[list[Any], str]] = {
    "english": (["en", None, "t", "You are now in {name}.", {"name": "{x}"}], "You are now in {x}."),
    "german": (["de", GERMAN, "t", "You are now in {name}.", {"name": "Hafen"}], "Du bist jetzt in Hafen."),
    "not translated": (["de", GERMAN, "t", "Close"], "Close"),
    "one in english": (["en", None, "n", *REPLIES, 1], "1 reply"),
    "many in english": (["en", None, "n", *REPLIES, 0], "0 replies"),
    "one in german": (["de", GERMAN, "n", *REPLIES, 1], "1 Antwort"),
    "many in german": (["de", GERMAN, "n", *REPLIES, 7], "7 Antworten"),
    "two in arabic": (["ar", ARABIC, "n", *REPLIES, 2], "2"),
    "few in arabic": (["ar", ARABIC, "n", *REPLIES, 5], "5 few"),
    "many in arabic": (["ar", ARABIC, "n", *REPLIES, 11], "11 many"),
    "english in arabic": (["ar", {}, "n", *REPLIES, 11], "11 replies"),
    "one of english in arabic": (["ar", {}, "n", *REPLIES, 1], "1 reply"),
    "an error in english": (["en", None, "wordsOf", GONE], "It has been deleted."),
    "an error in german": (["de", GERMAN, "wordsOf", GONE], "Es wurde gelöscht."),
    "an unknown error": (["de", GERMAN, "wordsOf", {"code": "new", "message": "It is new."}], "It is new."),
}


@pytest.mark.parametrize(("given", "said"), CASES.values(), ids=CASES)
def test_a_sentence_is_said(given: list[Any], said: str) -> None:
    script = SAY % tuple(f"file://{finders.find(f'web/js/ui/{name}.js')}" for name in ("texts", "errors"))
    command = ["node", "--input-type=module", "-e", script, json.dumps(given)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    assert json.loads(run.stdout) == said
