"""Pins, saved messages, permanent links, quotes and forwarding, as people use them."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from .person import AT_ONCE, Person


async def chooses(person: Person, item: str, text: str, within: str = "#scroller") -> None:
    """Choose from the menu of a message."""
    message = person.message(text, within)
    await message.hover()
    await message.locator(".more summary").click()
    await message.locator(".menu").get_by_text(item, exact=True).click()


# --- pins ------------------------------------------------------------------------------------------------------------
async def test_a_pin_is_seen_by_all_and_listed(alice: Person, bob: Person, together: str) -> None:
    await alice.says("the plan")
    await bob.sees("the plan")
    await chooses(bob, "Pin", "the plan")
    for person in (alice, bob):
        await expect(person.message("the plan").locator(".pinned")).to_have_text(f"Pinned by {bob.name}")
    await alice.page.get_by_role("link", name="Pinned messages").click()
    await expect(alice.page.locator("#panel .kept .message")).to_have_count(1)
    await bob.says("another")
    await alice.sees("another")
    await chooses(bob, "Pin", "another")
    await expect(alice.page.locator("#panel .kept .message")).to_have_count(2)
    await alice.page.locator("#panel").get_by_role("button", name="Unpin").last.click()
    await expect(bob.message("the plan").locator(".pinned")).to_be_hidden()
    await expect(alice.page.locator("#panel .kept .message")).to_have_count(1)


# --- saved -----------------------------------------------------------------------------------------------------------
async def test_a_saved_message_is_on_a_page_and_shown_in_its_place(alice: Person, bob: Person, together: str) -> None:
    await alice.says("worth **keeping**")
    await bob.sees("worth")
    await chooses(bob, "Save for later", "worth")
    await expect(bob.page.locator(".notice", has_text="Saved for later.")).to_be_visible()
    await bob.page.get_by_role("link", name="Saved messages").click()
    saved = bob.page.locator(".saved-message")
    await expect(saved.locator(".content strong")).to_have_text("keeping")
    await expect(saved).to_contain_text(f"in {together}")
    await saved.get_by_role("link", name="Show").click()
    await expect(bob.page.locator("#scroller .message.found")).to_contain_text("worth")
    await bob.page.goto(f"{bob.url}/saved")
    await saved.get_by_role("button", name="Remove").click()
    await expect(bob.page.locator(".saved-message")).to_have_count(0)
    assert bob.page.url == f"{bob.url}/saved"


# --- permanent links -------------------------------------------------------------------------------------------------
async def test_a_link_shows_a_message_among_others_and_one_goes_on_from_there(
    alice: Person, bob: Person, together: str
) -> None:
    (token,) = [c["value"] for c in await alice.page.context.cookies() if c["name"] == "__session"]
    group_id = await alice.page.locator("#conversation").get_attribute("data-group-id")
    headers = {"Authorization": f"Bearer {token}"}
    links = []
    for number in range(120):
        data = {"groupId": group_id, "content": f"number {number:03d}"}
        sent = await alice.page.request.post(f"{alice.url}/api/messages", headers=headers, data=data)
        while sent.status == 429:
            await alice.page.wait_for_timeout(1000 * (await sent.json())["error"]["retryAfter"])
            sent = await alice.page.request.post(f"{alice.url}/api/messages", headers=headers, data=data)
        links.append((await sent.json())["message"]["link"])
    await bob.page.goto(bob.url + links[40])
    found = bob.page.locator("#scroller .message.found")
    await expect(found).to_contain_text("number 040")
    await expect(found).to_be_in_viewport()
    # The newer ones come as one scrolls down.
    await expect(bob.message("number 119")).to_have_count(0)
    async with asyncio.timeout(AT_ONCE / 1000):
        while not await bob.message("number 119").count():
            await bob.page.locator("#scroller").evaluate("box => box.scrollTop = 0")
            await bob.page.wait_for_timeout(100)
    await bob.sees("number 119")
    await bob.says(f"see {bob.url}{links[2]}")
    message = await alice.sees("see http")
    async with alice.page.context.expect_page() as opened:
        await message.locator(".content a").click()
    await expect((await opened.value).locator("#scroller .message.found")).to_contain_text("number 002")


async def test_a_link_to_a_reply_opens_its_thread_and_strangers_see_nothing(
    alice: Person, bob: Person, together: str, arrives: Callable[..., Awaitable[Person]]
) -> None:
    await alice.says("a question")
    message = await alice.sees("a question")
    await message.hover()
    await message.locator("[data-field=thread]").click()
    await alice.replies("an answer")
    reply = await alice.sees("an answer", "#panel")
    seq = await reply.get_attribute("data-seq")
    url = re.sub(r"/threads/.*", f"/messages/{seq}", alice.page.url)
    await bob.page.goto(url)
    await expect(bob.page.locator("#panel .message.found")).to_contain_text("an answer")
    stranger = await arrives("Charlie")
    stranger.may_lose_connection = True  # the browser reports a 404
    for address in (url, url.replace(f"/{seq}", "/99999")):
        response = await stranger.page.goto(address)
        assert response is not None
        assert response.status == 404
    # Who is signed out signs in first, and comes back.
    await stranger.page.context.clear_cookies()
    await stranger.page.goto(url)
    await expect(stranger.page).to_have_url(re.compile("/sign-in"))
    await stranger.page.get_by_label("Your name").fill(bob.name)
    await stranger.page.get_by_role("button", name="Sign in").click()
    await expect(stranger.page.locator("#panel .message.found")).to_contain_text("an answer")


# --- quotes ----------------------------------------------------------------------------------------------------------
async def test_a_message_is_quoted_and_forwarded(alice: Person, bob: Person, together: str) -> None:
    bob_id = await bob.page.locator("body").get_attribute("data-user-id")
    await alice.says(f"<@{bob_id}>, it is **done**")
    await bob.sees("it is done")
    await chooses(bob, "Quote", "it is done")
    box = bob.page.locator("#content")
    await expect(box).to_have_value(re.compile(r"^\[Alice .*\]\(/groups/.*\):\n> @Bob .*, it is \*\*done\*\*\n\n$"))
    await box.press_sequentially("Good.")
    await box.press("Enter")
    quoted = await alice.sees("Good.")
    await expect(quoted.locator("blockquote")).to_have_text(f"@{bob.name}, it is done")
    await expect(quoted.locator(".mention")).to_have_count(0)
    await bob.makes_group("Elsewhere")
    await bob.opens(together)
    await chooses(bob, "Forward", "Good.")
    panel = bob.page.locator("#panel")
    await panel.locator("select").select_option(label="# Elsewhere")
    await panel.get_by_label("Say something to it").fill("Look at *this*:")
    await panel.get_by_role("button", name="Forward").click()
    await expect(bob.title).to_have_text("Elsewhere")
    sent = await bob.sees("Look at this:")
    await expect(sent.locator("em")).to_have_text("this")
    # The link of a quote leads to where it was said, on the same page.
    await sent.locator(".content a").first.click()
    await expect(bob.title).to_have_text(together)
    await expect(bob.page.locator("#scroller .message.found")).to_contain_text("Good.")


# --- what it looks like ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("width", [1280, 390])
async def test_pictures_of_it(alice: Person, bob: Person, together: str, tmp_path: Path, width: int) -> None:
    """For whoever looks: pytest keeps the pictures beside its other temporary files."""
    await alice.says("the plan for *Friday*")
    await alice.says("and what comes after it")
    await bob.sees("what comes after")
    await bob.page.set_viewport_size({"width": width, "height": 800})
    message = bob.message("what comes after")
    await message.hover()
    await message.locator(".more summary").click()
    await bob.page.screenshot(path=tmp_path / "menu.png")
    await message.locator(".menu").get_by_text("Pin", exact=True).click()
    await expect(message.locator(".pinned")).to_be_visible()
    await chooses(bob, "Quote", "the plan")
    await expect(bob.page.locator("#content")).not_to_have_value("")
    await bob.page.screenshot(path=tmp_path / "quote.png")
    await chooses(bob, "Save for later", "the plan")
    await expect(bob.page.locator(".notice", has_text="Saved for later.")).to_be_visible()
    await bob.page.get_by_role("link", name="Pinned messages").click()
    await expect(bob.page.locator("#panel .kept .message")).to_have_count(1)
    await bob.page.screenshot(path=tmp_path / "pins.png")
    await bob.page.locator("#panel").get_by_role("link", name="Show").click()
    await expect(bob.page.locator("#scroller .message.found")).to_be_visible()
    await bob.page.screenshot(path=tmp_path / "found.png")
    await chooses(bob, "Forward", "the plan")
    await expect(bob.page.locator("#panel select")).to_be_visible()
    await bob.page.screenshot(path=tmp_path / "forward.png")
    await bob.page.goto(f"{bob.url}/saved")
    await expect(bob.page.locator(".saved-message")).to_have_count(1)
    await bob.page.screenshot(path=tmp_path / "saved.png")
