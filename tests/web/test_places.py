"""The pages of the directory and of a group's settings, without a script."""

from uuid import uuid4

import pytest
from django.test import AsyncClient

from groups import selectors, services
from tests.cast import Person
from tests.page_form import Form, forms_in
from tests.workspace.cast import person_of
from users.roles import GUEST, MEMBER


def browser_of(person: Person) -> AsyncClient:
    browser = AsyncClient()
    browser.cookies["__session"] = person.token
    return browser


async def page(browser: AsyncClient, path: str, status: int = 200) -> str:
    response = await browser.get(path)
    assert response.status_code == status
    return response.content.decode()


def form_to(text: str, action: str) -> Form:
    (form,) = [form for form in forms_in(text) if form.action == action]
    return form


@pytest.fixture
def word() -> str:
    return f"w{uuid4().hex[:10]}"


# --- the directory ---------------------------------------------------------------------------------------------------
async def test_a_group_is_found_joined_and_opened(alice: Person, charlie: Person, word: str) -> None:
    group = await services.create_group(actor=alice.actor, name=f"{word} Öre", visibility="public")
    await services.change_group(actor=alice.actor, group_id=group.id, topic="<b>Tides</b>")
    browser = browser_of(charlie)
    found = await page(browser, f"/directory?q={word} ore")
    assert "&lt;b&gt;Tides" in found
    assert "1 member" in found
    assert f"/groups/{group.id}/join" in found
    response = await browser.post(f"/groups/{group.id}/join", {})
    assert (response.status_code, response["Location"]) == (302, f"/groups/{group.id}")
    found = await page(browser, f"/directory?q={word}")
    assert f"/groups/{group.id}/join" not in found
    assert "2 members" in found
    assert "Tides" in await page(browser, f"/groups/{group.id}")


async def test_the_directory_goes_on_page_by_page(alice: Person, word: str) -> None:
    for number in range(31):
        await services.create_group(actor=alice.actor, name=f"{word} {number:02}", visibility="public")
    text = await page(browser_of(alice), f"/directory?q={word}")
    assert f"{word} 29" in text
    assert f"{word} 30" not in text
    link = text.split('<a class="button plain" href="')[1].split('"')[0].replace("&amp;", "&")
    assert f"{word} 30" in await page(browser_of(alice), link)


async def test_who_joins_what_is_not_public_is_told_so_beside_the_directory(charlie: Person, group_id: str) -> None:
    response = await browser_of(charlie).post(f"/groups/{group_id}/join", {})
    assert response.status_code == 404
    assert group_id not in response.content.decode()


async def test_a_public_group_is_made_from_the_directory(alice: Person, word: str) -> None:
    browser = browser_of(alice)
    form = form_to(await page(browser, "/directory"), "/groups")
    for _ in range(2):
        response = await browser.post("/groups", form.fields | {"name": [word], "visibility": ["public"]})
        assert response.status_code == 302
    assert (await page(browser, f"/directory?q={word}")).count('class="place"') == 1


@pytest.mark.parametrize("path", ["/?list", "/people", "/profile"])
async def test_a_page_links_to_the_directory_for_whom_it_opens(path: str) -> None:
    for role in (MEMBER, GUEST):
        browser = browser_of(await person_of(role))
        opens = (await browser.get("/directory")).status_code == 200
        assert ('href="/directory"' in await page(browser, path)) == opens == (role == MEMBER)


# --- settings --------------------------------------------------------------------------------------------------------
async def test_what_a_group_says_of_itself_is_saved(alice: Person, bob: Person, group_id: str) -> None:
    browser, path = browser_of(alice), f"/groups/{group_id}/settings"
    form = form_to(await page(browser, path), path)
    # Meanwhile somebody else has changed the topic: this form leaves it as it is.
    await services.change_group(actor=alice.actor, group_id=group_id, topic="Tides")
    response = await browser.post(path, form.fields | {"description": ["Ships\r\nand men"]})
    assert response.status_code == 302
    group = await selectors.get_group(actor=bob.actor, group_id=group_id)
    assert (group.name, group.topic, group.description) == ("Harbour", "Tides", "Ships\nand men")
    form = form_to(await page(browser, path), path)
    head = await selectors.get_head_position(group_id=group_id)
    assert (await browser.post(path, form.fields)).status_code == 302
    assert await selectors.get_head_position(group_id=group_id) == head


async def test_rules_and_archive_are_changed(alice: Person, bob: Person, group_id: str) -> None:
    browser, path = browser_of(alice), f"/groups/{group_id}/settings"
    await page(browser, path)
    response = await browser.post(f"{path}/rules", {"visibility": "public", "post": "owner", "mentionAll": "managers"})
    assert response.status_code == 302
    group = await selectors.get_group(actor=alice.actor, group_id=group_id)
    assert (group.visibility, group.policy.post, group.policy.mention_all) == ("public", "owner", "managers")
    for archived in (True, False):
        assert (await browser.post(f"{path}/archive", {"archived": str(archived).lower()})).status_code == 302
        group = await selectors.get_group(actor=alice.actor, group_id=group_id)
        assert (group.archived_at is not None) is archived


async def test_a_member_sees_the_settings_without_fields(alice: Person, bob: Person, group_id: str) -> None:
    await services.change_group(actor=alice.actor, group_id=group_id, description="All ships")
    path = f"/groups/{group_id}/settings"
    text = await page(browser_of(bob), path)
    assert "All ships" in text
    assert [form.action for form in forms_in(text)] == []
    assert (await browser_of(bob).post(f"{path}/archive", {"archived": "true"})).status_code == 403
    await services.change_group(actor=alice.actor, group_id=group_id, policy={"rename": "everyone"})
    assert [form.action for form in forms_in(await page(browser_of(bob), path))] == [path]


async def test_what_was_typed_is_still_there_after_a_refusal(alice: Person, group_id: str) -> None:
    browser, path = browser_of(alice), f"/groups/{group_id}/settings"
    response = await browser.post(path, {"name": "Port", "topic": "x" * 251, "description": ""})
    assert response.status_code == 400
    text = response.content.decode()
    assert 'value="Port"' in text
    assert "no more than 250" in text
    assert form_to(text, path).value("before-name") == "Harbour"


async def test_a_direct_conversation_has_a_page_without_fields(alice: Person, bob: Person) -> None:
    direct = await services.create_direct(actor=alice.actor, user_id=bob.id)
    text = await page(browser_of(alice), f"/groups/{direct.id}/settings")
    assert forms_in(text) == []


# --- the conversation ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"archived": True}, "This group is archived"), ({"policy": {"post": "owner"}}, "only the owner may post")],
)
async def test_who_may_not_write_is_told_why_in_place_of_the_composer(
    alice: Person, bob: Person, group_id: str, changes: dict[str, object], sentence: str
) -> None:
    before = await page(browser_of(bob), f"/groups/{group_id}")
    assert '<p class="closed" data-closed' in before
    assert f">{sentence}" not in before
    await services.change_group(actor=alice.actor, group_id=group_id, **changes)  # type: ignore[arg-type]
    after = await page(browser_of(bob), f"/groups/{group_id}")
    note = after.split('<p class="closed"')[1].split("</p>")[0]
    assert sentence in note.rpartition(">")[2]
    assert " hidden" not in note
