"""Files keep the names that people gave them, through every form, as far as a name harms nobody."""

import httpx
import pytest

from tests.cast import Person

from .conftest import Browser, upload

NNBSP, IDEOGRAPHIC, NBSP, ZWNJ, ZWJ = "\u202f", "\u3000", "\u00a0", "\u200c", "\u200d"
KEPT = [
    f"Screenshot 2026-11-20 at 3.04.05{NNBSP}PM.png",
    f"会議{IDEOGRAPHIC}資料.pdf",
    f"price{NBSP}list.xls",
    f"می{ZWNJ}خواهم.docx",
    f"👨{ZWJ}👩{ZWJ}👧.png",
    # Of Unicode 15, 16 and 17: newer than the tables of some Python that this runs on.
    "\U0001fae8shake.txt",
    "\U0001fae9\U0001faea.txt",
    "\U0002ebf0.txt",
    "R&D &copy 2026.pdf",
    "a&para=1.txt",
    "Q&amp;A.txt",
    '12" vinyl.txt',
    "100%25 done.txt",
    "x." + "y" * 200,
]
CHANGED = {
    "new\nline.txt": "newline.txt",
    "\u200b": "file",
    ".": "file",
    "..": "file",
    "/": "file",
    "folder/": "file",
    "../../etc/passwd": "passwd",
    "a\u202egpj.exe": "agpj.exe",
}


async def _stored(response: httpx.Response) -> str:
    assert response.status_code == 201, response.text
    name: str = response.json()["file"]["name"]
    return name


@pytest.mark.parametrize(("name", "expected"), [*((name, name) for name in KEPT), *CHANGED.items()], ids=ascii)
async def test_a_form_keeps_the_name(alice: Person, group_id: str, browser: Browser, name: str, expected: str) -> None:
    # With a token DRF parses the form, with a cookie Django does, to look for the CSRF token.
    client = await browser(alice)
    assert await _stored(await client.post("/api/upload", **upload(b"x", name, group_id=group_id))) == expected
    with_cookie = await browser(None)
    with_cookie.cookies = httpx.Cookies({"__session": alice.token, "csrftoken": "c" * 32})
    with_cookie.headers["X-CSRFToken"] = "c" * 32
    assert await _stored(await with_cookie.post("/api/upload", **upload(b"x", name, group_id=group_id))) == expected
    file_id = (await client.get("/api/files", params={"groupId": group_id})).json()["files"][0]["id"]
    saved = (await client.get(f"/api/files/{file_id}")).headers["content-disposition"]
    assert saved.isascii()


async def test_a_name_in_the_way_of_rfc_5987_is_kept(alice: Person, group_id: str, browser: Browser) -> None:
    body = (
        f'--x\r\nContent-Disposition: form-data; name="groupId"\r\n\r\n{group_id}\r\n'
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename*=utf-8''na%C3%AFve%E2%80%AF1.txt\r\n\r\n"
        "x\r\n--x--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    response = await (await browser(alice)).post("/api/upload", content=body.encode(), headers=headers)
    assert await _stored(response) == f"naïve{NNBSP}1.txt"


async def test_a_form_without_a_chosen_file_has_none(alice: Person, group_id: str, browser: Browser) -> None:
    """As browsers send a file input that was left empty."""
    files = [("file", ("", b"", "application/octet-stream"))]
    response = await (await browser(alice)).post("/api/upload", data={"groupId": group_id}, files=files)
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, ["file"])


async def test_a_long_or_odd_extension_is_no_error(alice: Person, group_id: str, browser: Browser) -> None:
    client = await browser(alice)
    for name in ("a." + "é" * 250, "a.\x00b", "a.b c%0A"):
        assert await _stored(await client.post("/api/upload", **upload(b"x", name, group_id=group_id)))
