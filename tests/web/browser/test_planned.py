"""Planning in a browser: a message that is sent later, and a reminder from the menu of a message that was just sent."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from .person import Person
from .test_keeping import chooses


async def test_a_message_is_planned_and_a_reminder_is_chosen(alice: Person, bob: Person, together: str) -> None:
    await alice.says("remember the **milk**")
    await bob.sees("remember")
    await chooses(bob, "Remind me", "remember")
    page = bob.page
    await expect(page.locator(".content strong")).to_have_text("milk")
    await page.get_by_role("button", name="In 20 minutes").click()
    await expect(page.locator("[data-reminder-id] .content strong")).to_have_text("milk")
    await page.goto(bob.url)
    await bob.opens(together)
    await page.get_by_role("link", name="Send later").click()
    form = page.locator("section", has_text=f"A message to {together}").locator("form")
    await form.get_by_label("Message").fill("good morning")
    await form.get_by_label("When").fill((datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT09:00"))
    await form.get_by_label("In the time zone").select_option("Europe/Berlin")
    await form.get_by_role("button", name="Send it then").click()
    planned = page.locator("[data-scheduled-id]")
    await expect(planned).to_contain_text("good morning")
    await expect(planned).to_contain_text(f"to {together}")
    await planned.get_by_text("Change", exact=True).first.click()
    await planned.get_by_label("Message").fill("good evening")
    await planned.get_by_role("button", name="Change").click()
    await expect(planned.locator(".planned-text")).to_have_text("good evening")
    await planned.get_by_role("button", name="Cancel").click()
    await expect(planned).to_have_count(0)
