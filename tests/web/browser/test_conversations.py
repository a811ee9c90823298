"""Conversations of several, notes, links to groups and invitations, as people use them in browsers."""

import os
from pathlib import Path

from playwright.async_api import Page, expect

from .conftest import Arrives
from .person import Person

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


async def fits(page: Page) -> bool:
    """Return whether nothing reaches over the side of the screen, once the page has its styles."""
    await page.wait_for_load_state("load")
    fits: bool = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return fits


async def in_sidebar(page: Page, selector: str) -> bool:
    """Return whether nothing that is selected reaches over the side of the sidebar."""
    ends = """(selector) => [...document.querySelectorAll(selector)].every((element) =>
        element.getBoundingClientRect().right <= document.getElementById("sidebar").getBoundingClientRect().right)"""
    fits: bool = await page.evaluate(ends, selector)
    return fits


async def shown(page: Page, name: str) -> None:
    """Keep a picture of the page where SCREENSHOTS names a folder."""
    assert await fits(page)
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


async def chooses(person: Person, *others: Person) -> None:
    """Open a conversation with these people by the page on which they are chosen."""
    page = person.page
    await page.locator("summary", has_text="Direct messages").click()
    await page.get_by_role("link", name="Several people").click()
    for other in others:
        await page.get_by_label("Name or handle").fill(other.name)
        await page.get_by_role("button", name="Search").click()
        await page.locator(".person-row", has_text=other.name).click()
    await shown(page, "choosing")
    await page.get_by_role("button", name="Open the conversation").click()


async def test_three_people_talk_in_a_conversation_of_their_own(alice: Person, bob: Person, arrives: Arrives) -> None:
    charlie = await arrives("Charlie", **PHONE)
    await chooses(alice, bob, charlie)
    await expect(alice.title).to_have_text(f"{bob.name}, {charlie.name}")
    await alice.page.locator("summary", has_text="Direct messages").click()
    assert await in_sidebar(alice.page, "#sidebar .group a, #sidebar .adder summary, #sidebar .adder[open] .button")
    await alice.says("ahoy, both")
    name = f"{alice.name}, {charlie.name}"
    await expect(bob.row(name).locator("[data-field=count]")).to_have_text("1")
    await bob.opens(name)
    await bob.says("aye")
    await expect(alice.page.locator(".log")).to_contain_text("aye")
    await shown(alice.page, "conversation")
    await charlie.opens(f"{alice.name}, {bob.name}")
    await shown(charlie.page, "conversation-phone")
    await alice.page.get_by_title("Members and details").click()
    await expect(alice.page.locator(".member")).to_have_count(3)
    await expect(alice.page.get_by_role("button", name="Leave the group")).to_have_count(0)


async def test_notes_stand_first(together: str, alice: Person, bob: Person) -> None:
    page = alice.page
    await page.locator("summary", has_text="Direct messages").click()
    await page.locator("#new-direct").fill(bob.name)
    await page.locator("#new-direct").press("Enter")
    await expect(alice.title).to_have_text(bob.name)
    await page.locator("summary", has_text="Direct messages").click()
    await page.get_by_role("button", name="Your notes").click()
    await expect(alice.title).to_have_text("Notes")
    await alice.says("milk")
    await expect(page.locator(".log")).to_contain_text("milk")
    await expect(page.locator('#sidebar ul[data-kind="direct"] .group').first).to_contain_text("Notes")
    await expect(alice.row("Notes").locator("[data-field=unread]")).to_be_hidden()
    await shown(page, "notes")


async def test_a_link_brings_somebody_into_the_group(together: str, alice: Person, arrives: Arrives) -> None:
    page = alice.page
    await page.get_by_title("Members and details").click()
    await page.get_by_role("link", name="Invitation links").click()
    await page.get_by_label("How many people").fill("2")
    await page.get_by_label("Note for this list").fill("for the harbour")
    await page.get_by_role("button", name="Make a link").click()
    await shown(page, "links")
    address = await page.locator("#made-link").inner_text()
    charlie = await arrives("Charlie", **PHONE)
    await charlie.page.goto(charlie.url + "/invite" + address.partition("/invite")[2])
    await shown(charlie.page, "invited-phone")
    await charlie.page.get_by_role("button", name="Join the group").click()
    await expect(charlie.title).to_have_text(together)
    await page.reload()
    await page.get_by_role("link", name="Back to the group").click()
    await expect(page.locator(".member", has_text=charlie.name)).to_be_visible()


async def test_who_lets_nobody_add_them_is_asked_at_once(together: str, alice: Person, arrives: Arrives) -> None:
    charlie = await arrives("Charlie")
    await charlie.page.get_by_role("link", name="Your profile").click()
    await charlie.page.get_by_label("Who may add you to groups").select_option("nobody")
    await shown(charlie.page, "profile")
    await charlie.page.get_by_role("button", name="Save this").click()
    await charlie.page.get_by_role("link", name="Chat", exact=True).click()
    await charlie.page.wait_for_load_state("load")
    await alice.page.get_by_title("Members and details").click()
    await alice.page.get_by_label("Name of the person to add").fill(charlie.name)
    await alice.page.get_by_role("button", name="Add", exact=True).click()
    await expect(alice.page.locator("body")).to_contain_text("is asked before being added")
    # The browser reports the refusal.
    alice.faults.clear()
    await expect(charlie.page.locator("#notices")).to_contain_text("You are asked to join a group")
    await charlie.page.goto(charlie.url + "/invitations")
    await shown(charlie.page, "invitations")
    await charlie.page.get_by_role("button", name="Join", exact=True).click()
    await expect(charlie.title).to_have_text(together)
