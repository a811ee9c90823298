"""What people attach is shown by the browser, plays and seeks, and whatever it holds, nothing of it runs as ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from playwright.async_api import Error, Page, expect

from tests.media import CLIP, pdf, picture, tone

from .person import AT_ONCE, Person

_UPLOAD = """async ([group, name, type, bytes]) => {
    const form = new FormData();
    form.append('groupId', group);
    form.append('file', new Blob([new Uint8Array(bytes)], { type }), name);
    const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
    const options = { method: 'POST', body: form, headers: { 'X-CSRFToken': token } };
    const answer = await (await fetch('/api/upload', options)).json();
    return answer.file;
}"""
# Resolves with the time that the player is at once it has gone there, and whether it goes on from it.
_SEEK = """async (media) => {
    media.muted = true;
    if (media.readyState < 1) await new Promise((resolve) => media.addEventListener('loadedmetadata', resolve));
    media.currentTime = 2;
    await new Promise((resolve) => media.addEventListener('seeked', resolve, { once: true }));
    const at = media.currentTime;
    await media.play();
    await new Promise((resolve) => {
        media.addEventListener('timeupdate', () => media.currentTime > at && resolve());
    });
    return [at, media.currentTime, media.error && media.error.message];
}"""
_SCRIPT = "document.title = 'owned'; fetch('/api/owned'); localStorage.owned = 1"
_PAGE = f'<!doctype html><title>page</title><script>{_SCRIPT}</script><img src=x onerror="{_SCRIPT}">'.encode()
_SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{_SCRIPT}"><script>{_SCRIPT}</script></svg>'.encode()
_XML = f'<html xmlns="http://www.w3.org/1999/xhtml"><script>{_SCRIPT}</script></html>'.encode()
# Each kind's own content first, so that it has the kind's type, and a script where a browser might look for one.
HOSTILE = {
    "a page": ("a.html", "text/html", _PAGE),
    "a page that says it is text": ("a.txt", "text/plain", _PAGE),
    "a page that says it is an image": ("a.png", "image/png", _PAGE),
    "a page that says it is a film": ("a.webm", "video/webm", _PAGE),
    "a page that says it is a PDF": ("a.pdf", "application/pdf", _PAGE),
    "a page in UTF-7": (
        "a.txt",
        "text/plain; charset=utf-7",
        b"+ADw-script+AD4-document.title='owned'+ADw-/script+AD4-",
    ),
    "a vector image": ("a.svg", "image/svg+xml", _SVG),
    "a vector image that says it is another": ("a.png", "image/png", _SVG),
    "XML": ("a.xhtml", "application/xhtml+xml", _XML),
    "an image and a page": ("a.html", "text/html", picture(image_format="GIF") + _PAGE),
    "an image with a page in it": ("a.html", "text/html", picture(image_format="JPEG", comment=_PAGE)),
    "an image that is a script": ("a.js", "text/javascript", b"GIF89a/*" + bytes(30) + f"*/=1;{_SCRIPT}".encode()),
    "a film and a page": ("a.html", "text/html", CLIP.read_bytes() + _PAGE),
    "a sound and a page": ("a.html", "text/html", tone(0.1) + _PAGE),
    "a PDF and a page": ("a.html", "text/html", pdf() + _PAGE),
    "a PDF with a script": ("a.pdf", "application/pdf", pdf("app.alert(1); this.submitForm('/api/owned')")),
    "a script": ("a.js", "text/javascript", _SCRIPT.encode()),
}


@pytest.fixture
async def group(alice: Person) -> str:
    return await alice.makes_group("Media")


@pytest.fixture
async def tab(alice: Person) -> AsyncIterator[Page]:
    """Another tab of alice's browser."""
    page = await alice.page.context.new_page()
    yield page
    await page.close()


async def _upload(person: Person, group: str, name: str, kind: str, content: bytes) -> str:
    """Return the address of the file."""
    file = await person.page.evaluate(_UPLOAD, [group, name, kind, list(content)])
    return str(person.url + file["url"])


RECORDINGS = {"clip.webm": (CLIP.read_bytes(), "video"), "tone.wav": (tone(), "video, audio")}


@pytest.mark.parametrize("name", RECORDINGS)
async def test_a_recording_plays_and_seeks(alice: Person, group: str, tab: Page, name: str) -> None:
    content, element = RECORDINGS[name]
    url = await _upload(alice, group, name, "", content)
    await tab.goto(url)
    at, later, error = await tab.locator(element).first.evaluate(_SEEK)
    assert error is None
    assert 2 <= at < later


async def test_a_picture_is_shown(alice: Person, group: str, tab: Page) -> None:
    for image_format in ("PNG", "JPEG", "GIF", "WEBP", "AVIF"):
        await tab.goto(await _upload(alice, group, "a", "", picture(image_format=image_format)))
        image = tab.locator("img")
        await expect(image).to_be_visible()
        assert await image.evaluate("(image) => [image.naturalWidth, image.naturalHeight]") == [64, 48]


async def test_a_pdf_opens(alice: Person, group: str, tab: Page) -> None:
    await tab.goto(await _upload(alice, group, "a.pdf", "application/pdf", pdf()))
    # Chromium's viewer is a page of its own in a frame, and has another with the document in it.
    async with asyncio.timeout(AT_ONCE / 1000):
        while not [frame for frame in tab.frames[1:] if frame.url == tab.url]:
            await tab.wait_for_timeout(50)
    assert [frame for frame in tab.frames if frame.url.startswith("chrome-extension://")]


@pytest.mark.parametrize(
    ("declared", "charset"), [("text/plain", "windows-1252"), ("text/plain; charset=koi8-r", "KOI8-R")]
)
async def test_a_text_is_read_in_its_charset(alice: Person, group: str, tab: Page, declared: str, charset: str) -> None:
    text = "naïve café" if charset == "windows-1252" else "привет"
    await tab.goto(await _upload(alice, group, "a.txt", declared, text.encode(charset)))
    assert await tab.locator("pre").inner_text() == text


@pytest.mark.parametrize("name", HOSTILE)
async def test_nothing_that_is_attached_runs_as_ours(alice: Person, group: str, tab: Page, name: str) -> None:
    url = await _upload(alice, group, *HOSTILE[name])
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    await _open(tab, url)
    await asyncio.gather(*(_embed(alice.page, element, url) for element in ("script", "iframe", "embed", "object")))
    alice.faults.clear()  # the browser says what it has refused
    assert "owned" not in await alice.page.title()
    assert not [each for each in asked if "owned" in each]
    assert await alice.page.evaluate("localStorage.owned") is None


async def _open(tab: Page, url: str) -> None:
    # What is saved is not shown: that is no navigation.
    with suppress(Error):
        await tab.goto(url, wait_until="load")
    assert "owned" not in await tab.title()


async def _embed(page: Page, element: str, url: str) -> None:
    """Load it as a part of a page of ours, and return when that has happened or was refused."""
    source = "data" if element == "object" else "src"
    loading = page.evaluate(
        f"""(url) => new Promise((resolve) => {{
            const part = document.createElement('{element}');
            part.onload = part.onerror = resolve;
            part.{source} = url;
            document.body.append(part);
        }})""",
        url,
    )
    # A part that is refused by the page's own policy may say nothing at all.
    with suppress(TimeoutError):
        await asyncio.wait_for(loading, 1)
