"""Someone at a browser: what they do, in the words of the page, and what went wrong while they did it."""

import asyncio
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, expect

# What is sent shows at the others "at once": within this many milliseconds, with a wide margin for a busy machine.
AT_ONCE = 10_000
# A burst goes one after another, each stored before the next.
A_BURST = 40_000
expect.set_options(timeout=AT_ONCE)
_REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', event => {
    console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI)
})
"""


class Person:
    def __init__(self, name: str, page: Page, url: str) -> None:
        self.name, self.page, self.url = name, page, url
        self.faults: list[str] = []
        self.may_lose_connection = False
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(f"{name}: {error}"))

    @classmethod
    async def arrives(cls, context: BrowserContext, url: str, name: str) -> "Person":
        """Sign in as a person that nobody has met yet."""
        await context.add_init_script(_REPORT_VIOLATIONS)
        person = cls(f"{name} {uuid4().hex[:6]}", await context.new_page(), url)
        await person.page.goto(url)
        await person.page.get_by_label("Your name").fill(person.name)
        await person.page.get_by_role("button", name="Sign in").click()
        await expect(person.page.locator(".shell")).to_be_visible()
        # Until then the script is not there, and everything works as it does without.
        await person.page.wait_for_load_state("load")
        return person

    def _note(self, message: ConsoleMessage) -> None:
        lost = self.may_lose_connection and re.search("ERR_CONNECTION|WebSocket|Failed to load", message.text)
        if message.type in ("error", "warning") and not lost:
            self.faults.append(f"{self.name}: {message.type}: {message.text}")

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

    # --- messages ----------------------------------------------------------------------------------------------------
    async def says(self, text: str, *files: Path) -> None:
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
        """Return the one message with this text, sent and stored; fails when it does not come at once."""
        message = self.message(text, within)
        await expect(message).to_have_count(1, timeout=timeout)
        await expect(message).to_have_attribute("data-seq", re.compile(r"\d+"), timeout=timeout)
        await expect(message).not_to_have_attribute("data-state", re.compile(".+"), timeout=timeout)
        return message

    async def does(self, action: str, text: str, within: str = "#scroller") -> None:
        message = self.message(text, within)
        await message.hover()
        await message.locator(f".actions [data-action={action}], .actions [data-field={action}]").click()

    async def has_read_all(self) -> None:
        """Return once the server knows that all is read."""
        async with asyncio.timeout(AT_ONCE / 1000):
            while any(group["unread"] for group in await self._groups()):  # noqa: ASYNC110 - no page shows its own mark
                await asyncio.sleep(0.05)

    async def _groups(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await (await self.page.request.get(f"{self.url}/api/groups")).json())["groups"]
        return found

    async def texts(self) -> list[str]:
        return await self.page.locator("#scroller .message .content").all_inner_texts()
