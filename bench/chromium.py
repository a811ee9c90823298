"""Chromium for measurements and tests: where it is, how it is started, and what a page of it asks a server for.

Its address is `CHROMIUM`, or what is found in the path.
"""

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import CDPSession, Page

# Without the last four, Chromium sends requests of its own over the network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Milliseconds after which a page that was opened asks for nothing more.
_AT_REST = 1_500
_PICTURES = (".svg", ".webp", ".png")


def find_chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


class Traffic:
    """What a page has asked the server for, not the browser's cache, and the bytes that came before its load event.

    Of the bytes pictures are left out.
    """

    def __init__(self, session: CDPSession) -> None:
        self.at_load = 0
        self._bytes = 0
        self._urls: dict[str, str] = {}
        session.on("Network.requestWillBeSent", lambda event: self._note(event["requestId"], event["request"]["url"]))
        session.on("Network.requestServedFromCache", lambda event: self._forget(event["requestId"]))
        session.on("Network.responseReceived", lambda event: self._look_at(event["requestId"], event["response"]))
        session.on("Network.loadingFinished", lambda event: self._add(event["requestId"], event["encodedDataLength"]))
        session.on("Page.loadEventFired", lambda _: setattr(self, "at_load", self._bytes))

    @property
    def requests(self) -> list[str]:
        return list(self._urls.values())

    def _note(self, request_id: str, url: str) -> None:
        if not url.startswith("data:"):
            self._urls[request_id] = url

    def _look_at(self, request_id: str, response: Mapping[str, Any]) -> None:
        if response.get("fromDiskCache"):
            self._forget(request_id)

    def _forget(self, request_id: str) -> None:
        self._urls.pop(request_id, None)

    def _add(self, request_id: str, octets: float) -> None:
        if not self._urls.get(request_id, "").endswith(_PICTURES):
            self._bytes += int(octets)


@asynccontextmanager
async def watched(page: Page) -> AsyncIterator[Traffic]:
    """Watch what is opened in a page, until it is at rest."""
    session = await page.context.new_cdp_session(page)
    traffic = Traffic(session)
    await session.send("Network.enable")
    await session.send("Page.enable")
    yield traffic
    await page.wait_for_timeout(_AT_REST)
    await session.detach()
