"""A browser runs no script but those that a page names itself, and every page of this server works with that."""

import asyncio
import json
from pathlib import Path

import pytest
from playwright.async_api import expect

from .person import Person

_METHODS = ("get", "post", "put", "patch", "delete")
_OPERATIONS = """blocks => blocks.map((block) =>
    ['method', 'path'].map((part) => block.querySelector(`.opblock-summary-${part}`).textContent))"""
# Resolves with what became of the script.
_LOAD = """(source) => new Promise((resolve) => {
    const script = document.createElement('script');
    script.onload = () => resolve('ran');
    script.onerror = () => resolve('refused');
    script.src = source;
    document.head.append(script);
})"""


@pytest.mark.parametrize("name", ["evil.js", "evil.mjs", "evil.txt"])
async def test_an_uploaded_script_does_not_run(alice: Person, together: str, tmp_path: Path, name: str) -> None:
    script = tmp_path / name
    script.write_text("document.title = 'owned'")
    await alice.says("look", script)
    link = (await alice.sees("look")).locator("a.file")
    source = await link.get_attribute("href") or ""
    assert await alice.page.evaluate(_LOAD, source) == "refused"
    assert "owned" not in await alice.page.title()
    # The browser has said that it refused it.
    assert [fault for fault in alice.faults if "CSP: script-src" in fault]
    alice.faults.clear()
    # Even a page without any policy, as of an older server, gets no script of it.
    page = await alice.page.context.new_page()
    await page.route(
        "**/bare", lambda route: route.fulfill(body="<!doctype html><title>bare</title>", content_type="text/html")
    )
    await page.goto(f"{alice.url}/bare")
    assert await page.evaluate(_LOAD, source) == "refused"
    assert await page.title() == "bare"


def _nothing_was_blocked(person: Person) -> None:
    """Check the browser's errors, and forget those of answers: DRF's pages have no icon, which gets a 404."""
    assert [fault for fault in person.faults if "Failed to load resource" not in fault] == []
    person.faults.clear()


@pytest.mark.parametrize("path", ["/api/", "/api/groups", "/api/users/me", "/api/events"])
async def test_the_browsable_api_works(alice: Person, path: str) -> None:
    await alice.page.goto(alice.url + path)
    await expect(alice.page.locator("h1").first).to_be_visible()
    _nothing_was_blocked(alice)


async def test_the_browsable_api_sends_a_form(alice: Person) -> None:
    await alice.page.goto(f"{alice.url}/api/groups")
    form = alice.page.locator("form[data-method=POST]")
    for name, status in (("Made in the API", "201"), ("", "400")):
        await form.locator("textarea").fill(json.dumps({"name": name}))
        await form.get_by_role("button", name="POST").click()
        await expect(form.locator(".status")).to_contain_text(status)
    _nothing_was_blocked(alice)


async def test_the_docs_show_every_operation(alice: Person) -> None:
    page = alice.page
    await page.goto(f"{alice.url}/api/docs")
    await expect(page.locator(".opblock").first).to_be_visible()
    described = await (await page.request.get(f"{alice.url}/api/schema?format=json")).json()
    wanted = {(name, path) for path, methods in described["paths"].items() for name in methods if name in _METHODS}
    shown: set[tuple[str, str]] = set()
    async with asyncio.timeout(60):
        # Only what is near the screen is drawn.
        while shown < wanted:
            for name, path in await page.locator(".opblock").evaluate_all(_OPERATIONS):
                shown.add((name.lower(), path.replace("\u200b", "")))
            await page.mouse.wheel(0, 400)
            await page.wait_for_timeout(50)
    assert shown == wanted
    await page.goto(f"{alice.url}/api/docs#/files/upload")
    await page.reload()
    await page.locator(".opblock", has_text="/api/upload").first.click()
    await expect(page.get_by_role("button", name="Try it out")).to_be_visible()
    _nothing_was_blocked(alice)
