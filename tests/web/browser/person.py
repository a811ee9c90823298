"""A user at a browser: what they do, and the errors that the browser reports meanwhile."""

import asyncio
import re
from pathlib import Path
from uuid import uuid4

from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, expect

# Milliseconds until a change must show at the others; far more than it takes, for a busy machine.
AT_ONCE = 10_000
# The same for many messages in a row, of which each is stored before the next is sent.
A_BURST = 40_000
expect.set_options(timeout=AT_ONCE)
_REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', event => {
    console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI)
})
"""

_NOTHING_UNREAD = "async () => (await (await fetch('/api/groups')).json()).groups.every((group) => !group.unread)"


async def holds(page: Page, asked: str, argument: object = None, *, timeout: int = AT_ONCE) -> None:
    """Return once this async function resolves to true in the page.

    `wait_for_function` would take its promise for a yes.
    """
    async with asyncio.timeout(timeout / 1000):
        while not await page.evaluate(asked, argument):
            await page.wait_for_timeout(100)


class Person:
    def __init__(self, name: str, page: Page, url: str) -> None:
        self.name, self.page, self.url = name, page, url
        self.faults: list[str] = []
        self.may_lose_connection = False
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(f"{name}: {error}"))

    @classmethod
    async def arrives(cls, context: BrowserContext, url: str, name: str) -> "Person":
        """Sign in under a name that is new to the server."""
        await context.add_init_script(_REPORT_VIOLATIONS)
        person = cls(f"{name} {uuid4().hex[:6]}", await context.new_page(), url)
        await person.page.goto(url)
        await person.page.get_by_label("Your name").fill(person.name)
        await person.page.get_by_role("button", name="Sign in").click()
        await expect(person.page.locator(".shell")).to_be_visible()
        # The script runs from here on.
        await person.page.wait_for_load_state("load")
        return person

    def _note(self, message: ConsoleMessage) -> None:
        lost = self.may_lose_connection and re.search("ERR_CONNECTION|WebSocket|Failed to load", message.text)
        if "Service Worker registration blocked by Playwright" in message.text:
            return
        if message.type in ("error", "warning") and not lost:
            self.faults.append(f"{self.name}: {message.type}: {message.text} {message.location.get('url', '')}")

    # --- groups ------------------------------------------------------------------------------------------------------
    async def makes_group(self, name: str) -> str:
        """Return the new group's id."""
        if await self.page.locator(".welcome").count():
            await self.page.get_by_label("Name of the new group").last.fill(name)
            await self.page.get_by_role("button", name="Make the group").click()
        else:
            await self.page.locator("summary", has_text="Groups").click()
            await self.page.locator("#new-group").fill(name)
            await self.page.locator("#new-group").press("Enter")
        await expect(self.title).to_have_text(name)
        group_id = await self.page.locator("#conversation").get_attribute("data-group-id")
        assert group_id
        return group_id

    async def adds(self, other: "Person") -> None:
        await self.page.get_by_label("Name of the person to add").fill(other.name)
        await self.page.get_by_role("button", name="Add", exact=True).click()
        await expect(self.page.locator(".member", has_text=other.name)).to_be_visible()

    async def opens(self, name: str) -> None:
        await self.row(name).locator("a").click()
        await expect(self.title).to_have_text(name)

    def row(self, name: str) -> Locator:
        return self.page.locator("#sidebar .group", has_text=name)

    @property
    def title(self) -> Locator:
        return self.page.locator("#head h1")

    async def agrees(self) -> None:
        """Answer yes to the question that is asked."""
        await self.page.locator("#asking button[value=yes]").click()

    # --- messages ----------------------------------------------------------------------------------------------------
    async def says(self, text: str, *files: Path) -> None:
        # A page that has just been opened: until the script runs, Enter begins a new line.
        await self.page.wait_for_load_state("load")
        if files:
            await self.page.locator("#foot input[type=file]").set_input_files(list(files))
            await expect(self.page.locator("#foot .upload[data-state=done]")).to_have_count(len(files))
        await self.page.locator("#content").fill(text)
        await self.page.locator("#content").press("Enter")

    async def replies(self, text: str) -> None:
        box = self.page.locator("#panel textarea[name=content]")
        await box.fill(text)
        await box.press("Enter")

    def message(self, text: str, within: str = "#scroller") -> Locator:
        return self.page.locator(f"{within} .message", has_text=text)

    async def sees(self, text: str, within: str = "#scroller", timeout: float = AT_ONCE) -> Locator:
        """Return the one message with this text once it is shown as stored."""
        message = self.message(text, within)
        await expect(message).to_have_count(1, timeout=timeout)
        await expect(message).to_have_attribute("data-seq", re.compile(r"\d+"), timeout=timeout)
        await expect(message).not_to_have_attribute("data-state", re.compile(".+"), timeout=timeout)
        return message

    async def does(self, action: str, text: str, within: str = "#scroller") -> None:
        message = self.message(text, within)
        await message.hover()
        await message.locator(f".actions [data-action={action}], .actions [data-field={action}]").click()

    async def deletes(self, text: str, within: str = "#scroller") -> None:
        """Delete a message, and not wait until it is too late to undo that."""
        await self.does("delete", text, within)
        await self.page.locator(".notice", has_text="Deleted.").get_by_role("button", name="Dismiss").click()

    async def has_read_all(self) -> None:
        """Return once no group has unread messages on the server."""
        await holds(self.page, _NOTHING_UNREAD)

    async def texts(self) -> list[str]:
        return await self.page.locator("#scroller .message .content").all_inner_texts()
