"""One user on two devices, and one in more groups than `ready` lists."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.web.serving import Server

from .person import Person

GROUPS = 60
OpensAgain = Callable[[Person], Awaitable[Page]]


@pytest.fixture
async def opens_again(browser: Browser, server: Server) -> AsyncIterator[OpensAgain]:
    """Return a function that opens the list of groups on another device of the person."""
    contexts = []

    async def open_list(person: Person) -> Page:
        context = await browser.new_context()
        contexts.append(context)
        await context.add_cookies(await person.page.context.cookies())  # type: ignore[arg-type] # what it returned
        page = await context.new_page()
        await page.goto(f"{server.url}/?list")
        return page

    yield open_list
    for context in contexts:
        await context.close()


def unread(page: Page, group: str) -> Locator:
    return page.locator("#sidebar .group", has_text=group).locator("[data-field=unread]")


async def test_what_is_read_on_one_device_is_read_on_the_other(
    alice: Person, bob: Person, together: str, opens_again: OpensAgain
) -> None:
    other = await opens_again(bob)
    await bob.page.goto(f"{bob.url}/?list")
    await alice.says("ahoy")
    for page in (bob.page, other):
        await expect(unread(page, together)).to_contain_text("1")
    await bob.opens(together)
    await expect(unread(other, together)).to_be_hidden()


async def test_what_is_sent_on_one_device_is_read_on_the_other(
    alice: Person, bob: Person, together: str, opens_again: OpensAgain
) -> None:
    other = await opens_again(bob)
    await alice.says("ahoy")
    await bob.says("aye")
    await expect(unread(other, together)).to_be_hidden()


async def test_every_group_is_in_the_sidebar_although_ready_lists_a_page(alice: Person) -> None:
    (token,) = [c["value"] for c in await alice.page.context.cookies() if c["name"] == "__session"]
    for number in range(GROUPS):
        created = await alice.page.request.post(
            f"{alice.url}/api/groups",
            headers={"Authorization": f"Bearer {token}"},
            data={"name": f"Berth {number:02d}"},
        )
        assert created.ok
    await alice.page.goto(f"{alice.url}/?list")
    rows = alice.page.locator("#sidebar .group")
    await expect(rows).to_have_count(GROUPS)
    await expect(alice.page.locator("#more-groups")).to_have_count(0)
    assert await rows.locator("[data-field=name]").all_text_contents() == [f"Berth {n:02d}" for n in range(GROUPS)]
