"""A browser that runs no script: everything works by links and forms."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from .conftest import Arrives
from .person import A_BURST, Person


@pytest.fixture
async def plain(arrives: Arrives) -> Person:
    return await arrives("Plain", java_script_enabled=False)


async def _sends(person: Person, text: str) -> None:
    await person.page.locator("#content").fill(text)
    await person.page.get_by_role("button", name="Send").first.click()


async def test_a_conversation_without_a_script(plain: Person, bob: Person) -> None:
    await plain.makes_group("Paper")
    await plain.adds(bob)
    await _sends(plain, "written by form")
    await bob.opens("Paper")
    await bob.sees("written by form")
    await bob.says("seen")
    # Stored by now: a page that is older would not show it.
    await bob.sees("seen")
    await plain.page.reload()
    await expect(plain.message("seen")).to_have_count(1)
    await expect(plain.row("Paper").locator(".unread")).to_have_text("1 unread")
    await expect(plain.page.locator(".unread-line")).to_have_count(1)
    await plain.page.get_by_role("button", name="Mark all as read").click()
    await expect(plain.row("Paper").locator(".unread")).to_be_hidden()


async def test_a_thread_is_read_without_a_script(plain: Person, bob: Person) -> None:
    await plain.makes_group("Paper")
    await plain.adds(bob)
    await _sends(plain, "who is there?")
    await bob.opens("Paper")
    await bob.does("thread", "who is there?")
    await bob.replies("me")
    await bob.sees("me", "#panel .log")
    await plain.does("thread", "who is there?")
    button = plain.page.locator("#panel").get_by_role("button", name="Mark all as read")
    await button.click()
    await expect(plain.message("me", within="#panel .log")).to_have_count(1)
    await expect(button).to_have_count(0)


async def test_edit_react_reply_delete_without_a_script(plain: Person) -> None:
    await plain.makes_group("Paper")
    await _sends(plain, "a frist try")
    await plain.does("edit", "a frist try")
    await plain.page.locator("form.edit textarea").fill("a first try")
    await plain.page.get_by_role("button", name="Save", exact=True).click()
    await expect(plain.message("a first try").locator(".edited")).to_be_visible()
    await plain.does("react", "a first try")
    await plain.page.locator("#panel").get_by_text("🚀", exact=True).click()
    chip = plain.message("a first try").locator(".chip")
    await expect(chip).to_have_text("🚀 1")
    await chip.click()
    await expect(chip).to_have_count(0)
    await plain.does("thread", "a first try")
    await plain.page.locator("#panel textarea[name=content]").fill("a reply")
    await plain.page.locator("#panel").get_by_role("button", name="Send").click()
    await expect(plain.message("a reply", within="#panel .log")).to_have_count(1)
    await plain.does("delete", "a first try")
    await plain.page.locator("#panel").get_by_role("button", name="Delete the message").click()
    await expect(plain.message("This message was deleted.")).to_have_count(1)


async def test_a_file_without_a_script(plain: Person, picture: Path) -> None:
    await plain.makes_group("Paper")
    await plain.page.locator("#foot input[type=file]").set_input_files(picture)
    await _sends(plain, "with a file")
    await expect(plain.message("with a file").locator("img")).to_have_js_property("naturalWidth", 1)


async def test_older_pages_are_links(plain: Person, bob: Person) -> None:
    await bob.makes_group("Long")
    await bob.adds(plain)
    for n in range(55):
        await bob.says(f"line {n:02}")
    await bob.sees("line 54", timeout=A_BURST)
    await plain.page.reload()
    # The group opens where the unread begin.
    await plain.row("Long").locator("a").click()
    await expect(plain.message("line 00")).to_have_count(1)
    await plain.page.get_by_role("link", name="Jump to newest").click()
    await expect(plain.message("line 54")).to_have_count(1)
    await plain.page.get_by_role("link", name="Show older messages").click()
    await expect(plain.message("line 00")).to_have_count(1)
    assert await plain.texts() == [f"line {n:02}" for n in range(5)]
    await plain.page.get_by_role("link", name="Jump to newest").click()
    await expect(plain.message("line 54")).to_have_count(1)


async def test_a_refusal_says_what_is_wrong_and_keeps_what_was_typed(plain: Person) -> None:
    await plain.makes_group("Paper")
    plain.may_lose_connection = True
    await _sends(plain, "x" * 10_001)
    await expect(plain.page.get_by_role("alert")).to_contain_text("10000 characters")
    assert len(await plain.page.locator("#content").input_value()) == 10_001


@pytest.mark.parametrize("with_file", [False, True])
async def test_a_form_sent_twice_is_one_message(plain: Person, *, with_file: bool) -> None:
    """By a double click, or by the browser after going back."""
    await plain.makes_group("Paper")
    names = ["csrfmiddlewaretoken", "clientId", "after"]
    composer = plain.page.locator("#foot form.composer")
    form: dict[str, Any] = {name: await composer.locator(f"[name={name}]").input_value() for name in names}
    form["content"] = "twice"
    if with_file:
        form["file"] = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"hello"}
    group_id = await plain.page.locator("#conversation").get_attribute("data-group-id")
    for _ in range(2):
        address = f"{plain.url}/groups/{group_id}/messages"
        response = await plain.page.request.post(address, multipart=form, headers={"Origin": plain.url})
        assert response.ok
    await plain.page.reload()
    await expect(plain.message("twice")).to_have_count(1)
    await expect(plain.message("twice").locator(".attachment")).to_have_count(int(with_file))


async def test_signing_out_ends_the_session(plain: Person) -> None:
    await plain.page.get_by_role("button", name="Sign out").click()
    await expect(plain.page.get_by_label("Your name")).to_be_visible()
    await plain.page.goto(plain.url)
    await expect(plain.page.get_by_label("Your name")).to_be_visible()
