"""What a composer shows when its text was changed here and on the server: nothing that was typed is lost."""

import json
import subprocess

import pytest
from django.contrib.staticfiles import finders

MERGE = """
import { merged } from "%s";
const [state, content] = JSON.parse(process.argv[1]);
process.stdout.write(JSON.stringify(merged(state, content)));
"""
CASES = {
    "nothing typed here": ("was", "was", [], "is", "is"),
    "cleared elsewhere": ("was", "was", [], "", ""),
    "typed here alone": ("was, and more", "was", [], "was", "was, and more"),
    "typed on, on both": ("was here", "was", [], "was there", "was there\n\nwas here"),
    "typed before the first was read": ("h", "", [], "stored", "stored\n\nh"),
    "typed on, elsewhere further": ("to", "t", [], "to be", "to be"),
    "typed on, here further": ("to be", "t", [], "to", "to be"),
    "sent here, typed on elsewhere": ("", "was", [], "was, and more", "was, and more"),
    "changed here, cleared elsewhere": ("more", "was", [], "", "more"),
    "replaced here after a request": ("xyz", "", ["a", "abc"], "abc", "xyz"),
    "cleared here after a request": ("", "", ["a"], "a", ""),
    "the same letter in two forms": ("e\u0301", "", [], "\u00e9", "e\u0301"),
}


@pytest.mark.unit
@pytest.mark.parametrize(("text", "saved", "written", "content", "shown"), CASES.values(), ids=CASES)
def test_a_text_is_merged(text: str, saved: str, written: list[str], content: str, shown: str) -> None:
    state = {"text": text, "saved": saved, "written": written, "isDirty": text != saved}
    module = f"file://{finders.find('web/js/conversation/merging.js')}"
    run = subprocess.run(
        ["node", "--input-type=module", "-e", MERGE % module, json.dumps([state, content])],
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(run.stdout) == shown
