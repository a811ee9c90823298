"""How somebody wants the web chat to be: kept on the server, and the same on all of their devices."""

from http import HTTPStatus

import pytest
from django.test import AsyncClient

from foundation.errors import NotFound
from tests.cast import Person
from users import preferences, profiles, selectors, user_cache
from users.user import Preferences


async def test_what_is_given_is_changed_and_the_rest_stays(alice: Person, bob: Person) -> None:
    await preferences.set_preferences(actor=alice.actor, theme="dark")
    await preferences.set_preferences(actor=alice.actor, enter_key="newline")
    assert await selectors.get_preferences(actor=alice.actor) == Preferences("dark", "newline")
    assert await selectors.get_preferences(actor=bob.actor) == Preferences()


async def test_who_was_removed_has_none(alice: Person) -> None:
    await profiles.remove(alice.id)
    with pytest.raises(NotFound):
        await preferences.set_preferences(actor=alice.actor, theme="dark")


async def test_others_do_not_see_them(alice: Person, bob: Person) -> None:
    await preferences.set_preferences(actor=alice.actor, theme="dark")
    assert "dark" not in str((await selectors.get_seen_user(actor=bob.actor, user_id=alice.id)).as_wire())


async def test_pages_have_the_theme_before_anything_is_painted(alice: Person) -> None:
    browser = AsyncClient()
    browser.cookies["__session"] = alice.token
    page = (await browser.get("/settings")).content.decode()
    assert "data-theme" not in page
    assert '<meta name="color-scheme" content="light dark">' in page
    response = await browser.post("/settings", {"theme": "dark", "enterKey": "send"})
    assert response["Location"] == "/settings"
    for path in ("/settings", "/?list", "/people"):
        page = (await browser.get(path)).content.decode()
        assert '<html lang="en" dir="ltr" data-theme="dark">' in page
        assert '<meta name="color-scheme" content="dark">' in page
    assert 'data-enter-key="send"' in (await browser.get("/?list")).content.decode()


async def test_the_chat_has_what_another_process_has_stored(alice: Person) -> None:
    browser = AsyncClient()
    browser.cookies["__session"] = alice.token
    await browser.get("/?list")
    before = user_cache.get(alice.id)
    assert before
    await preferences.set_preferences(actor=alice.actor, theme="light")
    user_cache.put(before)
    assert 'data-theme="light"' in (await browser.get("/?list")).content.decode()
    assert 'data-theme="light"' in (await browser.get("/people")).content.decode()


async def test_a_wrong_setting_is_refused_on_the_page(alice: Person) -> None:
    browser = AsyncClient()
    browser.cookies["__session"] = alice.token
    response = await browser.post("/settings", {"theme": "pink"})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Settings" in response.content.decode()


async def test_the_language_of_ones_settings_is_that_of_all_browsers(alice: Person) -> None:
    browser, other = AsyncClient(), AsyncClient()
    for each in (browser, other):
        each.cookies["__session"] = alice.token
    await browser.post("/settings", {"language": "de"})
    for path in ("/settings", "/?list"):
        response = await other.get(path, headers={"Accept-Language": "ar"})
        assert '<html lang="de"' in response.content.decode()
        assert response["Content-Language"] == "de"
    await browser.post("/settings", {"language": "browser"})
    assert '<html lang="ar"' in (await other.get("/settings", headers={"Accept-Language": "ar"})).content.decode()
