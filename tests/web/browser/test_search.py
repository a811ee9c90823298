"""Somebody searches from the list of conversations, sees why a message was found, and goes to it."""

from playwright.async_api import expect

from .person import Person


async def test_a_message_is_found_and_shown_in_its_place(alice: Person, bob: Person, together: str) -> None:
    await bob.says("The Größe of the quixotic plan is <b>large</b>, and its plan B is larger")
    await alice.sees("quixotic")
    await alice.page.get_by_role("link", name="Search", exact=True).click()
    await expect(alice.page.get_by_text("is a part of the message")).to_be_visible()
    box, found = alice.page.get_by_role("searchbox"), alice.page.locator(".found-message")
    for _ in range(20):
        await box.fill(f'GROSSE plan -sober from:"{bob.name}"')
        await box.press("Enter")
        await expect(alice.page.get_by_role("heading", name="Messages")).to_be_visible()
        # It is found once some process has followed the log.
        if await found.count():
            break
        await alice.page.wait_for_timeout(250)
    assert await found.locator("mark").all_inner_texts() == ["Größe", "plan", "plan"]
    await found.get_by_role("link", name="Show").click()
    await expect(alice.message("quixotic")).to_be_visible()
