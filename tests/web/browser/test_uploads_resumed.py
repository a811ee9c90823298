"""A file whose connection breaks goes on from where it was; what has arrived outlives the page."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bench.chaos.proxy import TcpProxy, proxy_to
from tests import media
from tests.web.serving import Server

from .person import Person

MEGABYTES = 50
LARGE = MEGABYTES * 1_000_000
# Milliseconds for a file of this size, on a busy machine.
ARRIVES = 120_000
# Bytes a second, so that the connection can be cut while the file is under way.
PACE = 12_000_000
HALF = "() => document.querySelector('#foot .upload progress').value > 0.3"


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[TcpProxy]:
    """What is between the browser and a server of this test alone, which takes its address for its own.

    The server starts on a thread, because the line needs this event loop.
    """
    server = Server(tmp_path / "server.log")
    async with proxy_to(server.url) as line:
        server.set(PUBLIC_URL=line.url, ALLOWED_ORIGINS=line.url, MAX_FILE_BYTES=str(2 * LARGE))
        await asyncio.to_thread(server.manage, "create_tables")
        await asyncio.to_thread(server.start)
        yield line
        await asyncio.to_thread(server.stop)


@pytest.fixture
async def alice(browser: Browser, line: TcpProxy) -> AsyncIterator[Person]:
    context = await browser.new_context(service_workers="block", locale="en-GB")
    yield await Person.arrives(context, line.url, "Alice")
    await context.close()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "dot.png"
    path.write_bytes(media.picture(image_format="PNG"))
    return path


def uploads(page: Page) -> Locator:
    return page.locator("#foot .upload")


def _requests(page: Page, method: str) -> list[str]:
    made: list[str] = []
    page.on("request", lambda request: made.append(request.url) if request.method == method else None)
    return made


async def _slowly(page: Page) -> None:
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    pace = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": PACE}
    await session.send("Network.emulateNetworkConditions", pace)


async def test_a_large_file_goes_on_where_its_connection_broke(alice: Person, line: TcpProxy, tmp_path: Path) -> None:
    await alice.makes_group("Films")
    page = alice.page
    film = tmp_path / "film.bin"
    film.write_bytes(bytes(range(256)) * (LARGE // 256))
    begun, asked = _requests(page, "POST"), _requests(page, "HEAD")
    await _slowly(page)
    await page.locator("#foot input[type=file]").set_input_files(film)
    await page.wait_for_function(HALF, timeout=ARRIVES)
    line.cut()
    await expect(uploads(page).locator("[data-field=problem]")).to_have_text("No connection: it goes on by itself.")
    line.restore()
    await expect(uploads(page)).to_have_attribute("data-state", "done", timeout=ARRIVES)
    # One upload, asked how far it was: it went on from there, or the server would have refused its parts.
    assert len([url for url in begun if url.endswith("/api/uploads")]) == 1
    assert [url for url in asked if "/api/uploads/" in url]
    await page.locator("#content").fill("the film")
    await page.locator("#content").press("Enter")
    link = (await alice.sees("the film", timeout=30_000)).locator("a.file")
    response = await page.request.get(line.url + (await link.get_attribute("href") or ""))
    assert await response.body() == film.read_bytes()


async def test_what_has_arrived_outlives_a_reload_in_its_order(alice: Person, tmp_path: Path, picture: Path) -> None:
    await alice.makes_group("Pictures")
    page = alice.page
    note = tmp_path / "note.txt"
    note.write_text("a note")
    await page.locator("#foot input[type=file]").set_input_files([note, picture])
    await expect(page.locator("#foot .upload[data-state=done]")).to_have_count(2)
    await page.locator("#content").fill("with two files")
    await page.reload()
    await expect(uploads(page).locator(".file-name")).to_have_text(["note.txt", "dot.png"])
    await expect(page.locator("#content")).to_have_value("with two files")
    await expect(uploads(page).nth(1).locator("canvas")).to_be_visible()
    # Elsewhere and back, they are still there, once.
    await alice.makes_group("Elsewhere")
    await expect(uploads(page)).to_have_count(0)
    await alice.opens("Pictures")
    await expect(uploads(page)).to_have_count(2)
    await uploads(page).first.get_by_role("button", name="Remove note.txt").click()
    await page.reload()
    await expect(uploads(page).locator(".file-name")).to_have_text(["dot.png"])
    await page.locator("#content").press("Enter")
    await expect((await alice.sees("with two files")).locator("img")).to_have_count(1)
    await page.reload()
    await alice.sees("with two files")
    await expect(uploads(page)).to_have_count(0)


async def test_a_file_that_expired_meanwhile_is_not_offered(alice: Person, tmp_path: Path) -> None:
    await alice.makes_group("Expired")
    page = alice.page
    note = tmp_path / "old.txt"
    note.write_text("old")
    await page.locator("#foot input[type=file]").set_input_files(note)
    await expect(page.locator("#foot .upload[data-state=done]")).to_have_count(1)
    await page.evaluate(_DELETE_ALL)
    async with page.expect_response(re.compile("/api/files/metadata/")) as asked:
        await page.reload()
    assert (await asked.value).status == 404
    await expect(uploads(page)).to_have_count(0)


async def test_a_file_under_way_can_be_cancelled(alice: Person, tmp_path: Path) -> None:
    await alice.makes_group("Cancelled")
    page = alice.page
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(LARGE))
    await _slowly(page)
    await page.locator("#foot input[type=file]").set_input_files(large)
    bar = page.get_by_role("progressbar", name="Upload of large.bin")
    await expect(bar).to_be_visible()
    await expect(uploads(page).locator("[data-field=percent]")).to_have_text(re.compile(r"[1-9]\d* %"))
    async with page.expect_response(lambda response: response.request.method == "DELETE") as ended:
        await page.get_by_role("button", name="Remove large.bin").click()
    assert (await ended.value).status == 204
    await expect(uploads(page)).to_have_count(0)
    group_id = await page.locator("#conversation").get_attribute("data-group-id")
    stored = await page.request.get(f"{alice.page.url.split('/groups')[0]}/api/files?groupId={group_id}")
    assert (await stored.json())["files"] == []


async def test_what_is_too_large_is_said_before_a_byte_goes(alice: Person, tmp_path: Path) -> None:
    await alice.makes_group("Too large")
    page = alice.page
    sent = _requests(page, "POST")
    await page.evaluate("document.body.dataset.maxFile = '1000'")
    huge = tmp_path / "huge.bin"
    huge.write_bytes(bytes(1001))
    await page.locator("#foot input[type=file]").set_input_files(huge)
    await expect(uploads(page)).to_have_attribute("data-state", "failed")
    await expect(uploads(page).locator("[data-field=problem]")).to_have_text("Too large: up to 1000 bytes.")
    await expect(uploads(page).get_by_role("button", name="Try again")).to_be_hidden()
    assert not [url for url in sent if "upload" in url]


async def test_a_picture_is_small_before_it_is_sent(alice: Person, picture: Path) -> None:
    await alice.makes_group("Thumbnails")
    await alice.page.locator("#foot input[type=file]").set_input_files(picture)
    canvas = uploads(alice.page).locator("canvas")
    await expect(canvas).to_be_visible()
    assert await canvas.evaluate("(canvas) => [canvas.clientWidth, canvas.clientHeight]") == [40, 40]
    # The policy of the page has not changed for it.
    assert alice.faults == []


# Deletes the files that the page has uploaded, as the sweeper does with those that nobody has sent.
_DELETE_ALL = """async () => {
    const { groupId } = document.getElementById('conversation').dataset;
    const { files } = await (await fetch(`/api/files?groupId=${groupId}`)).json();
    const token = document.querySelector('#act [name=csrfmiddlewaretoken]').value;
    for (const file of files) await fetch(file.url, { method: 'DELETE', headers: { 'X-CSRFToken': token } });
}"""
