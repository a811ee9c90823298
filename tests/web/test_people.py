"""Choosing people by their names and making groups, in pages without a script."""

from uuid import uuid4

import pytest
from django.test import AsyncClient

from groups import selectors as groups
from groups import services
from groups.left import HasLeft
from tests.cast import Person
from tests.page_form import Form, forms_in
from users import profiles

from .unresponsive_store import UnresponsiveStore


def choice_in(page: str) -> Form:
    """Return the form that asks which person is meant."""
    (form,) = [form for form in forms_in(page) if form.action == "/direct" and "userId" in form.buttons]
    return form


@pytest.fixture
def browser(alice: Person) -> AsyncClient:
    browser = AsyncClient()
    browser.cookies["__session"] = alice.token
    return browser


async def test_everybody_of_a_common_name_can_be_chosen(browser: AsyncClient) -> None:
    name = f"Smith {uuid4().hex}"
    smiths = {(await profiles.create_if_absent(f"user_{uuid4().hex}", name=name)).id for _ in range(20)}
    offered: list[str] = []
    fields = {"name": [name]}
    while True:
        page = await browser.post("/direct", fields)
        assert page.status_code == 200
        form = choice_in(page.content.decode())
        offered += form.buttons["userId"]
        if "cursor" not in form.buttons:
            break
        fields = form.fields | {"cursor": form.buttons["cursor"]}
    assert (len(offered), set(offered)) == (20, smiths)
    chosen = await browser.post("/direct", form.fields | {"userId": offered[12]})
    assert chosen.status_code == 302


def new_group_form(page: str) -> Form:
    """Return the sidebar's form for a new group, or that of the page that shows when the store is down."""
    return next(form for form in forms_in(page) if form.action == "/groups")


async def group_names(person: Person) -> list[str]:
    return [group.name for group in await groups.list_summaries(actor=person.actor, group_ids=await ids_of(person))]


async def ids_of(person: Person) -> set[str]:
    return await groups.list_group_ids(user_id=person.id)


async def test_a_form_for_a_group_that_is_sent_twice_makes_one(browser: AsyncClient, alice: Person) -> None:
    form = new_group_form((await browser.get("/?list")).content.decode())
    sent = [await browser.post(form.action, form.fields | {"name": "Port"}) for _ in range(2)]
    assert {response.status_code for response in sent} == {302}
    assert sent[0]["Location"] == sent[1]["Location"]
    assert await group_names(alice) == ["Port"]


@pytest.mark.parametrize("timeouts", [1, 1000])
async def test_the_form_that_comes_back_makes_the_same_group(
    browser: AsyncClient, alice: Person, unresponsive_store: UnresponsiveStore, timeouts: int
) -> None:
    form = new_group_form((await browser.get("/?list")).content.decode())
    unresponsive_store.lose_next_response(timeouts=timeouts)
    response = await browser.post(form.action, form.fields | {"name": "Port"})
    assert response.status_code == 503
    unresponsive_store.timeouts = 0
    returned = new_group_form(response.content.decode())
    assert returned.value("name") == "Port"
    assert (await browser.post(returned.action, returned.fields)).status_code == 302
    assert await group_names(alice) == ["Port"]


async def test_another_name_in_a_form_that_was_sent_comes_back_as_a_new_group(
    browser: AsyncClient, alice: Person
) -> None:
    form = new_group_form((await browser.get("/?list")).content.decode())
    await browser.post(form.action, form.fields | {"name": "Port"})
    refused = await browser.post(form.action, form.fields | {"name": "Harbour"})
    assert refused.status_code == 409
    returned = new_group_form(refused.content.decode())
    assert returned.value("name") == "Harbour"
    assert (await browser.post(returned.action, returned.fields)).status_code == 302
    assert await group_names(alice) == ["Harbour", "Port"]


# --- people of one name, and who has left ----------------------------------------------------------------------------
async def test_who_is_meant_is_asked_without_anybodys_address(browser: AsyncClient) -> None:
    name = f"Smith {uuid4().hex}"
    ids = [f"user_{uuid4().hex}" for _ in range(2)]
    for user_id in ids:
        await profiles.create_if_absent(user_id, name=name, email=f"{user_id}@example.com")
    page = (await browser.post("/direct", {"name": [name]})).content.decode()
    assert "@example.com" not in page
    assert all(f"{name} ({user_id[-4:]})" in page for user_id in ids)


async def test_lists_tell_people_of_one_name_apart(browser: AsyncClient, alice: Person) -> None:
    name = f"Smith {uuid4().hex}"
    ids = [(await profiles.create_if_absent(f"user_{uuid4().hex}", name=name)).id for _ in range(2)]
    group = await services.create_group(actor=alice.actor, name="Port", member_ids=ids)
    for user_id in ids:
        await services.create_direct(actor=alice.actor, user_id=user_id)
    page = (await browser.get(f"/groups/{group.id}/members")).content.decode()
    sidebar, _, panel = page.partition('class="members"')
    for user_id in ids:
        assert f"{name} ({user_id[-4:]})" in sidebar
        assert f'{name}<span class="quiet"> ({user_id[-4:]})</span>' in panel


async def test_somebody_who_left_comes_back_by_a_page(browser: AsyncClient, alice: Person, bob: Person) -> None:
    group = await services.create_group(actor=bob.actor, name="Port", member_ids=[alice.id])
    await services.leave_group(actor=alice.actor, group_id=group.id)
    url = f"/groups/{group.id}/rejoin"
    assert (await browser.post(url)).status_code == 404
    with pytest.raises(HasLeft):
        await services.add_members(actor=bob.actor, group_id=group.id, user_ids=[alice.id])
    (form,) = [form for form in forms_in((await browser.get(url)).content.decode()) if form.action == url]
    response = await browser.post(form.action, form.fields)
    assert (response.status_code, response["Location"]) == (302, f"/groups/{group.id}")
    assert await ids_of(alice) == {group.id}
