"""The workspace in a browser: an owner names it, gives roles, and keeps somebody out who sees that at once."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.media import picture
from tests.web.serving import Server

from .conftest import Arrives
from .person import Person
from .test_profiles import PHONE, fits


async def becomes_owner(server: Server, person: Person) -> None:
    user_id = await person.page.locator("body").get_attribute("data-user-id")
    assert user_id
    server.manage("workspace_role", user_id, "owner")


@pytest.fixture(autouse=True)
async def settings_as_before(server: Server, arrives: Arrives) -> AsyncIterator[None]:
    """The next tests have the same workspace: what was chosen here must not hold there."""
    yield
    owner = await arrives("Owner")
    await becomes_owner(server, owner)
    page = owner.page
    await page.goto(f"{server.url}/people")
    await page.get_by_role("link", name="Workspace").click()
    await expect(page.get_by_text("You are an owner of this workspace.")).to_be_visible()
    await page.get_by_label("Name", exact=True).fill("chatproject")
    await page.get_by_label("Make groups").select_option("Everyone but guests")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page).to_have_title("Workspace · chatproject")


@pytest.fixture
def badge(tmp_path: Path) -> Path:
    path = tmp_path / "logo.png"
    path.write_bytes(picture(300, 300))
    return path


async def photographed(page: Page, name: str) -> None:
    """Keep a picture of the page where somebody wants to look at it."""
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/{name}.png", full_page=True)


async def managed(page: Page, person: Person) -> Locator:
    """Return the row of somebody who need not be among the first that the page lists."""
    field = page.get_by_label("Name or handle")
    # After an act, all are listed again.
    await expect(field).to_have_value("")
    await field.fill(person.name)
    await field.press("Enter")
    return page.locator(".managed", has_text=person.name)


async def test_an_owner_names_the_workspace_and_keeps_somebody_out(
    server: Server, arrives: Arrives, alice: Person, bob: Person, badge: Path
) -> None:
    await becomes_owner(server, alice)
    page = alice.page
    await page.goto(f"{server.url}/people")
    await page.get_by_role("link", name="Workspace").click()
    await expect(page.get_by_text("You are an owner of this workspace.")).to_be_visible()
    await page.get_by_label("Name", exact=True).fill("Harbour Ltd")
    await page.get_by_label("Make groups").select_option("Owners and admins")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page).to_have_title("Workspace · Harbour Ltd")
    await page.locator("#logo").set_input_files(badge)
    await page.get_by_role("button", name="Set the logo").click()
    await expect(page.locator("img.logo")).to_be_visible()
    row = await managed(page, bob)
    await row.get_by_role("combobox").select_option("Guest")
    await row.get_by_role("button", name="Change").click()
    await expect((await managed(page, bob)).locator(".tag")).to_have_text("guest")
    assert await fits(page)
    await photographed(page, "workspace-owner")
    bob.may_lose_connection = True
    await row.get_by_role("button", name="Deactivate").click()
    out = page.locator("section", has=page.get_by_role("heading", name="Deactivated"))
    await expect(out).to_contain_text(bob.name)
    await photographed(page, "workspace-deactivated")
    # Nobody has to click for it.
    await expect(bob.page.get_by_text("This account was deactivated")).to_be_visible()
    await photographed(bob.page, "deactivated")
    await out.get_by_role("link", name=bob.name).click()
    await expect(page.get_by_text("This account is deactivated.")).to_be_visible()
    phone = await arrives("Carol", **PHONE)
    await phone.page.goto(f"{server.url}/workspace")
    await expect(phone.page.get_by_text("You are a member of this workspace.")).to_be_visible()
    assert await fits(phone.page)
    await photographed(phone.page, "workspace-member-phone")
    await alice.page.context.clear_cookies()
    await page.goto(f"{server.url}/sign-in")
    await expect(page.locator(".brand")).to_contain_text("Harbour Ltd")
    await photographed(page, "sign-in")
