"""What a page costs a browser, with the files that `build_static` has built."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from bench.chromium import watched
from tests.web.serving import Server

from .person import Person

# Of the first page of a group: bytes that came before its load event, pictures aside, and requests until it is at rest.
CRITICAL, COLD, WARM = 60_000, 15, 4


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("built")
    server = Server(folder / "server.log", STATIC_ROOT=str(folder / "static"), DEBUG="0")
    server.manage("build_static")
    server.manage("create_tables")
    server.start()
    yield server
    server.stop()


async def test_a_group_opens_within_the_budget(alice: Person, bob: Person, together: str) -> None:
    for number in range(60):
        await alice.page.evaluate(_SAY, [number])
    group = alice.page.url
    page = await (await alice.page.context.browser.new_context()).new_page()  # type: ignore[union-attr]
    await page.context.add_cookies(await alice.page.context.cookies())  # type: ignore[arg-type] # what it returned
    async with watched(page) as cold:
        await page.goto(group)
        await expect(page.locator("#scroller .message")).to_have_count(50)
    async with watched(page) as warm:
        await page.reload()
        await expect(page.locator("#scroller .message")).to_have_count(50)
    await page.context.close()
    assert cold.at_load <= CRITICAL
    assert len(cold.requests) <= COLD
    assert len(warm.requests) <= WARM


async def test_people_talk_by_the_built_script(alice: Person, bob: Person, together: str) -> None:
    await alice.says("built")
    await bob.sees("built")
    await bob.does("thread", "built")
    await bob.replies("in one file")
    await alice.does("thread", "built")
    await alice.sees("in one file", "#panel")
    # What is loaded later is found too.
    await alice.does("react", "built")
    await alice.page.locator("#picker").get_by_label("Search emoji").fill("rocket")
    await alice.page.locator("#picker").get_by_role("gridcell", name="rocket", exact=True).click()
    await expect(bob.message("built").locator(".chip")).to_contain_text("🚀")
    await alice.deletes("built")
    await bob.sees("This message was deleted.")


_SAY = """async ([number]) => {
    const { groupId } = document.getElementById('conversation').dataset;
    await fetch('/api/messages', {
        method: 'POST',
        headers: {
            'Content-Type': 'application/json',
            'X-CSRFToken': document.querySelector('#act [name=csrfmiddlewaretoken]').value },
        body: JSON.stringify({ groupId, content: `line ${number} of what people say to each other, with *emphasis*` }),
    });
}"""
