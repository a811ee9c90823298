"""Drafts on two devices, as people use them: none of what they typed is lost."""

import asyncio
import re

from playwright.async_api import Page, Route, WebSocketRoute, expect

from tests.web.serving import Server

from .conftest import OpensAgain
from .person import Person, holds


async def is_kept(page: Page, text: str) -> None:
    """Return once the server has this draft."""
    await holds(
        page,
        "async (text) => (await (await fetch('/api/drafts')).json()).drafts.some((draft) => draft.content === text)",
        text,
    )


async def test_a_draft_goes_on_on_another_device_and_is_cleared_by_sending(
    alice: Person, bob: Person, together: str, opens_again: OpensAgain
) -> None:
    await bob.page.locator("#content").fill("half a thou")
    await is_kept(bob.page, "half a thou")
    other = await opens_again(bob)
    there = other.locator("#content")
    await expect(there).to_have_value("half a thou")
    await there.fill("half a thought, and the rest")
    await expect(bob.page.locator("#content")).to_have_value("half a thought, and the rest")
    await bob.page.reload()
    await expect(bob.page.locator("#content")).to_have_value("half a thought, and the rest")
    await bob.page.locator("#content").press("Enter")
    await alice.sees("half a thought, and the rest")
    await expect(there).to_have_value("")
    await is_kept(bob.page, "")
    await bob.page.reload()
    await expect(bob.page.locator("#content")).to_have_value("")


async def test_what_is_typed_while_the_network_is_away_is_kept_when_it_is_back(
    bob: Person, alice: Person, together: str
) -> None:
    bob.may_lose_connection = True
    await bob.page.context.set_offline(True)
    await bob.page.locator("#content").fill("typed in a tunnel")
    await expect(bob.page.locator("#offline")).to_be_visible(timeout=60_000)
    await bob.page.context.set_offline(False)
    await is_kept(bob.page, "typed in a tunnel")
    await expect(bob.page.locator("#content")).to_have_value("typed in a tunnel")


async def test_a_draft_survives_going_to_another_group_at_once(alice: Person, bob: Person, together: str) -> None:
    await alice.page.locator("#content").fill("to the harbour")
    await alice.makes_group("Port")
    await expect(alice.page.locator("#content")).to_have_value("")
    await alice.opens(together)
    await expect(alice.page.locator("#content")).to_have_value("to the harbour")
    await alice.page.goto(f"{alice.url}/saved")
    await is_kept(alice.page, "to the harbour")


# --- two texts at the same time --------------------------------------------------------------------------------------
async def test_what_two_devices_have_typed_at_the_same_time_is_kept(
    bob: Person, alice: Person, together: str, opens_again: OpensAgain
) -> None:
    other = await opens_again(bob)
    there = other.locator("#content")
    bob.may_lose_connection = True
    await bob.page.context.set_offline(True)
    await bob.page.locator("#content").fill("typed in a tunnel")
    await expect(bob.page.locator("#offline")).to_be_visible(timeout=60_000)
    await there.fill("typed at home")
    await is_kept(other, "typed at home")
    await bob.page.context.set_offline(False)
    both = "typed at home\n\ntyped in a tunnel"
    await expect(bob.page.locator("#content")).to_have_value(both, timeout=60_000)
    await expect(there).to_have_value(both)


async def test_what_is_typed_before_the_draft_is_read_goes_below_it(alice: Person, bob: Person, together: str) -> None:
    await bob.page.locator("#content").fill("written before")
    await is_kept(bob.page, "written before")
    may_go_on = asyncio.Event()

    async def hold(route: Route) -> None:
        await may_go_on.wait()
        await route.continue_()

    await bob.page.route("**/api/drafts?*", hold)
    async with bob.page.expect_request("**/api/drafts?*"):
        await bob.page.reload()
    await bob.page.locator("#content").fill("a new thought")
    may_go_on.set()
    both = "written before\n\na new thought"
    await expect(bob.page.locator("#content")).to_have_value(both)
    await expect(bob.page.locator(".notice", has_text="both texts")).to_be_visible()
    await is_kept(bob.page, both)


# --- what the server no longer has, or refuses -----------------------------------------------------------------------
FORGET_DRAFTS = """
import asyncio
from messaging.drafts import models
async def forget(user_id):
    for draft in await models.list_drafts(user_id):
        await models.forget_draft(user_id, draft)
asyncio.run(forget("{user_id}"))
"""


async def test_a_text_is_kept_after_the_row_of_the_cleared_one_was_deleted(
    alice: Person, bob: Person, together: str, server: Server
) -> None:
    box = bob.page.locator("#content")
    await box.fill("first")
    await is_kept(bob.page, "first")
    await box.fill("")
    await is_kept(bob.page, "")
    user_id = await bob.page.locator("body").get_attribute("data-user-id")
    server.manage("shell", "-c", FORGET_DRAFTS.replace("{user_id}", user_id or ""))
    await box.fill("second")
    await is_kept(bob.page, "second")
    await expect(box).to_have_value("second")


async def test_a_draft_that_is_refused_is_said_once_and_kept_in_the_browser(
    alice: Person, bob: Person, together: str
) -> None:
    refused: list[str] = []

    def refuse_drafts(here: WebSocketRoute) -> None:
        server = here.connect_to_server()

        def send(frame: str | bytes) -> None:
            if found := isinstance(frame, str) and re.match(r'42(\d+)\["draft"', frame):
                refused.append(found[1])
                here.send(f'43{found[1]}[{{"ok":false,"error":{{"code":"invalid","message":"Too many."}}}}]')
            else:
                server.send(frame)

        here.on_message(send)

    await bob.page.route_web_socket(re.compile("/socket.io/"), refuse_drafts)
    await bob.page.reload()
    box = bob.page.locator("#content")
    notice = bob.page.locator(".notice", has_text="is kept in this browser alone: Too many.")
    await box.fill("one too many")
    await expect(notice).to_have_count(1)
    assert len(refused) == 1
    await bob.page.reload()
    await expect(box).to_have_value("one too many")
