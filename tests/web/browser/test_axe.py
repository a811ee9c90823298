"""No page of the web chat has a fault that axe-core finds, in either theme; and no page is left out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.urls import URLPattern, URLResolver
from playwright.async_api import Page, Route, expect

from tests.web.serving import ROOT, Server
from web import urls

from .tour import NO_PAGE, PAGES, STRANGERS, TEMPLATES, Tour

SCHEMES = ("light", "dark")
# Evaluated through the debugger: the pages' own policy lets no script in.
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
# What those pages have, that are made from their templates.
FILLING = {
    "workspace": {"name": "Trial"},
    "label": "A provider",
    "address": "#there",
    "text": "kept",
}
_RUN = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    const where = ({ target, any }) => `${target.join(' ')} ${any[0]?.message ?? ''}`;
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(where).join(' | ')}`);
}"""


async def violations(page: Page) -> list[str]:
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(_RUN)
    return found


async def in_both_themes(page: Page) -> list[str]:
    faults = []
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type] # of SCHEMES
        faults += [f"{scheme}: {fault}" for fault in await violations(page)]
    return faults


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_has_no_fault(tour: Tour, stranger: Page, name: str) -> None:
    page = stranger if name in STRANGERS else tour.owner.page
    response = await page.goto(tour.address(name))
    assert response
    # Else it is the page of an error that is looked at.
    assert response.ok, response.status
    await page.wait_for_load_state("load")
    await expect(page.locator("main")).to_be_visible()
    assert "\n".join(await in_both_themes(page)) == ""


@pytest.mark.parametrize("name", TEMPLATES)
async def test_a_page_of_trouble_has_no_fault(server: Server, stranger: Page, name: str) -> None:
    html = render_to_string(TEMPLATES[name], FILLING)

    async def answer(route: Route) -> None:
        await route.fulfill(body=html, content_type="text/html; charset=utf-8")

    await stranger.route("**/shown", answer)
    await stranger.goto(f"{server.url}/shown")
    assert "\n".join(await in_both_themes(stranger)) == ""


@pytest.mark.parametrize("path", ["sign-in", "status"])
async def test_a_page_of_a_trial_for_strangers_has_no_fault(server: Server, stranger: Page, path: str) -> None:
    await stranger.goto(f"{server.url}/{path}")
    assert "\n".join(await in_both_themes(stranger)) == ""


async def test_what_opens_has_no_fault(tour: Tour) -> None:
    page = tour.owner.page
    await page.goto(tour.address("thread"))
    await page.wait_for_load_state("load")
    message = page.locator("#scroller .message:not(.deleted)").last
    await message.hover()
    assert "\n".join(await in_both_themes(page)) == ""
    await message.locator("details.more > summary").click()
    await expect(message.locator(".menu")).to_be_visible()
    assert "\n".join(await in_both_themes(page)) == ""
    await page.keyboard.press("Escape")
    for adder in await page.locator("details.adder > summary").all():
        await adder.click()
    assert "\n".join(await in_both_themes(page)) == ""


async def test_axe_finds_a_fault(tour: Tour) -> None:
    """What all of this relies on."""
    await tour.owner.page.goto(tour.address("inbox"))
    await tour.owner.page.evaluate("document.querySelector('main').append(new Image())")
    assert any(fault.startswith("image-alt") for fault in await violations(tour.owner.page))


def _addresses(patterns: list[Any], before: str = "/") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, before + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield pattern.name or "", before + str(pattern.pattern)


ADDRESSES = dict(_addresses(urls.urlpatterns))


@pytest.mark.parametrize("name", ADDRESSES)
async def test_every_address_is_walked_or_shows_no_page(tour: Tour, name: str) -> None:
    if name in PAGES:
        return
    path = ADDRESSES[name].replace("<int:seq>", "1").replace("<str:group_id>", tour.names["group"])
    path = path.replace("<", "{").replace(">", "}").replace("str:", "").format_map(_Anything())
    response = await tour.owner.page.request.get(tour.owner.url + path)
    assert response.status == NO_PAGE.get(name, 405), "give it a place in tour.PAGES"


class _Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "x"


def test_no_page_is_walked_that_is_not_there() -> None:
    assert set(PAGES) | set(NO_PAGE) <= set(ADDRESSES)
    templates = ROOT / "templates"
    assert [name for name in TEMPLATES.values() if not (templates / name).exists()] == []
    assert {path.name for path in Path(templates).glob("*.html")} <= set(TEMPLATES.values())
