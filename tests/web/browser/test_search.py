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


async def test_people_stand_beside_messages_and_the_best_may_be_first(
    alice: Person, bob: Person, together: str
) -> None:
    await alice.says(f"{bob.name} has the plan")
    await alice.says(f"x{bob.name}x was here")
    await alice.sees("was here")
    await alice.page.get_by_role("link", name="Search", exact=True).click()
    box, found = alice.page.get_by_role("searchbox"), alice.page.locator(".found-message")
    await alice.page.get_by_label("Order").select_option("Best first")
    for _ in range(20):
        await box.fill(bob.name)
        await box.press("Enter")
        await expect(alice.page.get_by_role("heading", name="People")).to_be_visible()
        if await found.count() == 2:
            break
        await alice.page.wait_for_timeout(250)
    await expect(found.first).to_contain_text("has the plan")
    await expect(alice.page.get_by_label("Order")).to_have_value("best")
    await alice.page.set_viewport_size({"width": 375, "height": 800})
    assert await alice.page.evaluate("document.documentElement.scrollWidth") <= 375
    await alice.page.get_by_role("link", name=bob.name, exact=True).click()
    await expect(alice.page.get_by_role("heading", name=bob.name)).to_be_visible()
