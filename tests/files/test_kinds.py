"""A list of files has those of one kind alone, in pages, whoever else uploads meanwhile."""

import pytest

from files.kinds import KINDS
from files.selectors import list_files
from files.serializers import ListFilesInput
from foundation.errors import Invalid
from foundation.validation import validated
from tests.cast import Person
from tests.media import CLIP, pdf, picture, tone

from .conftest import Browser, share, store

CONTENTS = {
    "image": [
        (picture(), "a.png", ""),
        (b"<svg/>", "a.svg", "image/svg+xml"),
        (picture(image_format="TIFF"), "a.tif", ""),
    ],
    "video": [(CLIP.read_bytes(), "a.webm", "")],
    "audio": [(tone(0.1), "a.wav", "")],
    "document": [
        (pdf(), "a.pdf", ""),
        (b"hello", "a.txt", "text/plain"),
        (b"PK\x03\x04" + bytes(50), "a.docx", ""),
        (b"PK\x03\x04" + bytes(50), "a.ods", ""),
        (b"{}", "a.json", ""),
    ],
    "other": [(bytes(50), "a.bin", ""), (b"PK\x03\x04" + bytes(50), "a.zip", "")],
}


async def test_each_kind_has_its_files_in_pages(alice: Person, bob: Person, group_id: str, browser: Browser) -> None:
    made: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for _ in range(2):
        for kind, contents in CONTENTS.items():
            for content, name, declared in contents:
                made[kind].add((await share(alice, group_id, content, name, declared)).id)
    hidden = await store(alice, group_id, picture(), "unsent.png")
    client = await browser(bob)
    for kind in KINDS:
        found: list[str] = []
        query = {"groupId": group_id, "type": kind, "limit": "2"}
        while True:
            page = (await client.get("/api/files", params=query)).json()
            found += [file["id"] for file in page["files"]]
            if not page["hasMore"]:
                break
            query["cursor"] = page["nextCursor"]
        assert (len(found), set(found)) == (len(made[kind]), made[kind])
    mine = await list_files(actor=alice.actor, group_id=group_id, kind="image", limit=100)
    assert {file.id for file in mine.files} == made["image"] | {hidden.id}


@pytest.mark.parametrize("kind", ["", "pictures", "image/png", "^image/", 5, None, ["image"]])
def test_another_kind_is_refused(kind: object) -> None:
    with pytest.raises(Invalid) as refused:
        validated(ListFilesInput, {"groupId": "g", "type": kind})
    assert set(refused.value.fields or {}) == {"type"}
