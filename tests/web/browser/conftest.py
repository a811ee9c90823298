"""Browsers: Alice and Bob have one each, and an error in a page's console fails the test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bench.chromium import ARGUMENTS, find_chromium
from tests.web.serving import Server

from .person import Person
from .tour import Tour, fill

Arrives = Callable[..., Awaitable[Person]]
OpensAgain = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium, or set CHROMIUM to its path")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def arrives(browser: Browser, server: Server) -> AsyncIterator[Arrives]:
    """Return a function that signs a user in; the test fails if a browser has reported an unexpected error."""
    people: list[Person] = []
    contexts: list[BrowserContext] = []

    async def come(name: str, **options: object) -> Person:
        # A test sees no request that a service worker makes for a page; those of the worker itself allow it.
        options = {"service_workers": "block", **options}
        context = await browser.new_context(locale="en-GB", timezone_id="Europe/Berlin", **options)  # type: ignore[arg-type]
        contexts.append(context)
        people.append(await Person.arrives(context, server.url, name))
        return people[-1]

    yield come
    faults = [fault for person in people for fault in person.faults]
    for context in contexts:
        await context.close()
    assert faults == []


@pytest.fixture
async def opens_again(browser: Browser) -> AsyncIterator[OpensAgain]:
    """Return a function that opens the page of a person, or another one, on another device of theirs."""
    contexts: list[BrowserContext] = []

    async def open_page(person: Person, path: str = "") -> Page:
        context = await browser.new_context(service_workers="block")
        contexts.append(context)
        await context.add_cookies(await person.page.context.cookies())  # type: ignore[arg-type] # what it returned
        page = await context.new_page()
        await page.goto(urljoin(person.page.url, path))
        return page

    yield open_page
    for context in contexts:
        await context.close()


@pytest.fixture
async def alice(arrives: Arrives) -> Person:
    return await arrives("Alice")


@pytest.fixture
async def bob(arrives: Arrives) -> Person:
    return await arrives("Bob")


@pytest.fixture
async def together(alice: Person, bob: Person) -> str:
    """Return the name of a group that Alice owns and Bob is in; both have it open."""
    await alice.makes_group("Harbour")
    await alice.adds(bob)
    await bob.opens("Harbour")
    return "Harbour"


@pytest.fixture(scope="session")
def tour_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One with accounts, whose owner nobody else is."""
    # With a mail server that is never asked, there is the page of those who have forgotten their password.
    mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_FROM": "chat@example.org"}
    server = Server(tmp_path_factory.mktemp("tour") / "server.log", SIGN_IN="accounts", **mail)
    server.manage("create_tables")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
async def tour(browser: Browser, tour_server: Server) -> AsyncIterator[Tour]:
    """Every page of a filled workspace: tests look, and change nothing."""
    contexts = [await browser.new_context(locale="en-GB", service_workers="block") for _ in range(2)]
    owner, mary = [
        Person(name, await context.new_page(), tour_server.url)
        for name, context in zip(("Olive", "Mary"), contexts, strict=True)
    ]
    link = await asyncio.to_thread(tour_server.manage, "owner_link")
    yield await fill(owner, mary, link.strip())
    for context in contexts:
        await context.close()


@pytest.fixture
async def stranger(browser: Browser) -> AsyncIterator[Page]:
    """A page of somebody who has not signed in."""
    context = await browser.new_context()
    yield await context.new_page()
    await context.close()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A PNG of one pixel."""
    path = tmp_path / "dot.png"
    path.write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000"
            "0500017a5eab3f0000000049454e44ae426082"
        )
    )
    return path
