"""Teams and blocks in a browser: a team is made, named and added; what a blocked person writes is folded."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.web.serving import Server

from .person import Person
from .test_profiles import fits

ADMIN = "Dora Admin"


@pytest.fixture(scope="module")
def administered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose administrator has this name."""
    server = Server(tmp_path_factory.mktemp("teams") / "server.log", ADMINS=ADMIN)
    server.manage("create_tables")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def people(browser: Browser, administered: Server) -> AsyncIterator[tuple[Person, Person]]:
    """Dora, who administers the workspace, and Bob."""
    contexts = [await browser.new_context(locale="en-GB", timezone_id="Europe/Berlin") for _ in range(2)]
    dora = Person(ADMIN, await contexts[0].new_page(), administered.url)
    await dora.page.goto(administered.url)
    await dora.page.get_by_label("Your name").fill(ADMIN)
    await dora.page.get_by_role("button", name="Sign in").click()
    await expect(dora.page.locator(".shell")).to_be_visible()
    bob = await Person.arrives(contexts[1], administered.url, "Bob")
    yield dora, bob
    faults = dora.faults + bob.faults
    for context in contexts:
        await context.close()
    assert faults == []


async def makes_team(page: Page, name: str, handle: str, member: str) -> None:
    await page.get_by_role("link", name="People", exact=True).click()
    await page.get_by_role("link", name="Teams").click()
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("Handle", exact=True).fill(handle)
    await page.get_by_label("Description").fill("Who draws what others build")
    await page.get_by_role("button", name="Make the team").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)
    await page.get_by_label("Name or handle of the person to add").fill(member)
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.locator(".team-row", has_text=member)).to_be_visible()


async def test_a_team_is_made_added_and_named(people: tuple[Person, Person], tmp_path: Path) -> None:
    dora, bob = people
    page = dora.page
    handle = f"design{bob.name[-6:]}"
    await makes_team(page, "Design", handle, bob.name)
    await page.get_by_role("button", name="Make a manager").click()
    await expect(page.locator(".team-row .presence")).to_have_text("manager")
    await page.screenshot(path=tmp_path / "team.png", full_page=True)
    team_id = page.url.rpartition("/")[2]
    await page.goto(f"{dora.url}/teams")
    await page.screenshot(path=tmp_path / "teams.png", full_page=True)
    await page.goto(f"{dora.url}/people?search={handle}")
    await expect(page.locator(".directory").first).to_contain_text(f"@{handle}")
    await page.screenshot(path=tmp_path / "people.png", full_page=True)
    await page.set_viewport_size({"width": 390, "height": 844})
    for path in (f"/teams/{team_id}", "/teams", "/profile/blocked"):
        await page.goto(f"{dora.url}{path}")
        assert await fits(page), path
    await page.goto(f"{dora.url}/teams/{team_id}")
    await page.screenshot(path=tmp_path / "phone-team.png", full_page=True)
    await page.set_viewport_size({"width": 1280, "height": 800})

    await page.goto(dora.url)
    await dora.makes_group("Engine room")
    await page.get_by_label("Name of the person to add").fill(f"@{handle}")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.locator(".member", has_text=bob.name)).to_be_visible()
    await dora.says(f"<@{team_id}> please look")
    link = page.locator("#scroller .content a.mention", has_text=f"@{handle}")
    await expect(link).to_have_attribute("href", f"/teams/{team_id}")
    await page.screenshot(path=tmp_path / "mention.png")
    await bob.opens("Engine room")
    await expect(bob.page.locator("#scroller .content a.mention")).to_have_text(f"@{handle}")


async def test_what_somebody_blocked_writes_is_folded(people: tuple[Person, Person], tmp_path: Path) -> None:
    dora, bob = people
    page = dora.page
    await dora.makes_group("Workshop")
    await dora.adds(bob)
    await bob.opens("Workshop")
    await bob.says("an early word")
    await dora.sees("an early word")
    other = await page.context.new_page()
    await other.goto(f"{dora.url}/people?search={bob.name.replace(' ', '+')}")
    await other.locator(".person-row", has_text=bob.name).click()
    await other.screenshot(path=tmp_path / "person.png", full_page=True)
    await other.get_by_role("button", name="Block").click()
    await expect(other.locator(".team-row", has_text=bob.name)).to_be_visible()
    await other.screenshot(path=tmp_path / "blocked.png", full_page=True)
    # Told to the other tab, for what is there and what comes.
    message = page.locator("#scroller .message", has=page.locator(".author", has_text=bob.name))
    await expect(message.locator(".content")).to_be_hidden()
    await bob.says("a late word")
    await expect(message).to_have_count(2)
    await expect(message.last.locator(".content")).to_be_hidden()
    await page.screenshot(path=tmp_path / "folded.png")
    await message.last.locator(".fold summary").click()
    await expect(message.last.locator(".content")).to_have_text("a late word")
    await page.reload()
    await expect(message.first.locator(".content")).to_be_hidden()
    # Bob sees nothing of it.
    await expect(bob.page.locator("#scroller .fold:visible")).to_have_count(0)
    await other.get_by_role("button", name="Unblock").click()
    await expect(message.first.locator(".content")).to_be_visible()
