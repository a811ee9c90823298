"""The directory, a group's settings, and what the others see at once, on a desk and on a phone."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import WebSocketRoute, expect

from .conftest import Arrives
from .person import Person
from .test_profiles import PHONE, fits


async def opens_settings(person: Person) -> None:
    settings = person.page.get_by_role("link", name="Settings of the group")
    # Whoever has just made a group sees its members already.
    if not await settings.is_visible():
        await person.page.get_by_role("link", name="Members and details").click()
    await settings.click()
    await expect(person.page.get_by_role("heading", name="About the group")).to_be_visible()


async def saves(person: Person, section: str) -> None:
    await person.page.locator("section", has_text=section).get_by_role("button", name="Save", exact=True).click()
    await person.page.wait_for_load_state("load")


async def test_a_group_is_made_found_and_joined(alice: Person, bob: Person) -> None:
    name = f"Öresund {uuid4().hex[:6]}"
    await alice.page.get_by_role("link", name="Find groups").click()
    await alice.page.get_by_label("Name", exact=True).fill(name)
    await alice.page.get_by_role("button", name="Make the group").click()
    await expect(alice.title).to_have_text(name)
    await bob.page.get_by_role("link", name="Find groups").click()
    await bob.page.get_by_label("Name of the group").fill(name.replace("Ö", "o"))
    await bob.page.get_by_role("button", name="Search").click()
    await bob.page.get_by_role("button", name=f"Join {name}").click()
    await expect(bob.title).to_have_text(name)
    # The script runs from here on.
    await bob.page.wait_for_load_state("load")
    await bob.says("I have come by myself")
    await alice.sees("I have come by myself")


async def test_topic_policy_and_archive_show_at_the_others_at_once(alice: Person, bob: Person, together: str) -> None:
    await opens_settings(alice)
    await alice.page.get_by_label("Topic", exact=True).fill("Tides")
    await saves(alice, "About the group")
    await expect(bob.page.locator("#head .topic")).to_have_text("Tides")
    box, closed = bob.page.locator("#content"), bob.page.locator("#foot .closed")
    await box.fill("not sent yet")
    await alice.page.get_by_label("Write messages").select_option("managers")
    await saves(alice, "Who finds it")
    await expect(closed).to_have_text("In this group only an owner or an admin may post.")
    await expect(box).to_be_hidden()
    await alice.page.get_by_role("button", name="Archive the group").click()
    await expect(closed).to_contain_text("archived")
    await expect(alice.page.get_by_role("status")).to_contain_text("archived since")
    await alice.page.get_by_role("button", name="Take the group back into use").click()
    await alice.page.get_by_label("Write messages").select_option("everyone")
    await saves(alice, "Who finds it")
    await expect(closed).to_be_hidden()
    await expect(box).to_have_value("not sent yet")
    await box.press("Enter")
    await bob.sees("not sent yet")


async def test_a_rule_whose_event_was_lost_shows_with_the_next_message(
    alice: Person, bob: Person, together: str
) -> None:
    lost: list[str] = []

    def lose_rules(here: WebSocketRoute) -> None:
        def receive(frame: str | bytes) -> None:
            if isinstance(frame, str) and '"group_update"' in frame:
                lost.append(frame)
            else:
                here.send(frame)

        here.connect_to_server().on_message(receive)

    await bob.page.route_web_socket(re.compile("/socket.io/"), lose_rules)
    await bob.page.reload()
    await alice.says("before")
    await bob.sees("before")
    await opens_settings(alice)
    await alice.page.get_by_label("Write messages").select_option("managers")
    await saves(alice, "Who finds it")
    await alice.page.get_by_role("link", name="Back to the group").click()
    await expect(alice.title).to_have_text(together)
    await alice.page.wait_for_load_state("load")
    await alice.says("after")
    await bob.sees("after")
    await expect(bob.page.locator("#foot .closed")).to_have_text("In this group only an owner or an admin may post.")
    await expect(bob.page.locator("#content")).to_be_hidden()
    assert lost


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_fit_on_a_phone(arrives: Arrives, scheme: str) -> None:
    alice = await arrives("Alice", color_scheme=scheme, **PHONE)
    name = f"A very long name of a group with many words {uuid4().hex[:6]}"
    await alice.page.goto(f"{alice.url}/directory")
    await alice.page.get_by_label("Name", exact=True).fill(name)
    await alice.page.get_by_role("button", name="Make the group").click()
    await expect(alice.title).to_have_text(name)
    await opens_settings(alice)
    await alice.page.get_by_label("Topic", exact=True).fill("x" * 250)
    await alice.page.get_by_label("Description", exact=True).fill("wide" * 200)
    assert await fits(alice.page)
    await saves(alice, "About the group")
    assert await fits(alice.page)
    for path in ("/directory", f"/directory?q={name[:30]}"):
        await alice.page.goto(f"{alice.url}{path}")
        assert await fits(alice.page)
    await alice.page.get_by_role("link", name="Open").first.click()
    assert await fits(alice.page)
