"""Links to groups, invitations and new conversations in pages, without a script."""

import re
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from django.test import AsyncClient

from groups import selectors as groups
from groups import services
from groups.asked import MustBeAsked
from groups.direct import MAX_PEOPLE, direct_id
from tests.cast import Person, person
from tests.page_form import Form, forms_in
from users import privacy


def browser_of(person: Person) -> AsyncClient:
    browser = AsyncClient()
    browser.cookies["__session"] = person.token
    return browser


def form_to(page: str, action: str) -> Form:
    (form,) = [form for form in forms_in(page) if form.action == action]
    return form


async def ids_of(person: Person) -> set[str]:
    return await groups.list_group_ids(user_id=person.id)


@pytest.fixture
async def address(alice: Person, group_id: str) -> str:
    """Return the path and query of a new link that alice has made on its page."""
    browser = browser_of(alice)
    members = (await browser.get(f"/groups/{group_id}/members")).content.decode()
    url = f"/groups/{group_id}/invitations"
    assert f'href="{url}"' in members
    form = form_to((await browser.get(url)).content.decode(), f"{url}/make")
    page = (await browser.post(form.action, form.fields | {"note": "for the harbour"})).content.decode()
    found = re.search('id="made-link">([^<]+)<', page)
    assert found
    parts = urlsplit(found[1])
    assert found[1].partition("link=")[2] not in (await browser.get(url)).content.decode()
    return f"{parts.path}?{parts.query}"


async def test_a_link_leads_through_the_sign_in_to_the_group(address: str, charlie: Person, group_id: str) -> None:
    stranger = AsyncClient()
    sent_away = await stranger.get(address)
    assert sent_away.status_code == HTTPStatus.FOUND
    assert sent_away["Location"].startswith("/sign-in?next=%2Finvite%3Flink%3D")
    sign_in = form_to((await stranger.get(sent_away["Location"])).content.decode(), "/sign-in")
    assert sign_in.value("next") == address
    browser = browser_of(charlie)
    response = await browser.get(address)
    assert response["Referrer-Policy"] == "strict-origin"
    assert response["Cache-Control"] == "no-store"
    form = form_to(response.content.decode(), "/invite")
    joined = await browser.post(form.action, form.fields)
    assert (joined.status_code, joined["Location"]) == (HTTPStatus.FOUND, f"/groups/{group_id}")
    assert group_id in await ids_of(charlie)


async def test_a_link_that_is_over_says_so(address: str, charlie: Person, group_id: str) -> None:
    browser = browser_of(charlie)
    form = form_to((await browser.get(address)).content.decode(), "/invite")
    assert (await browser.post(form.action, form.fields)).status_code == HTTPStatus.FOUND
    late = browser_of(await person("Dora"))
    for response in (
        await late.get(address),
        await late.post(form.action, form.fields),
        await late.get("/invite?link=nonsense"),
    ):
        assert response.status_code == HTTPStatus.NOT_FOUND
        assert "does not work" in response.content.decode()
        assert "Referrer-Policy" in response
    assert (await late.get("/invite")).status_code == HTTPStatus.BAD_REQUEST


async def test_a_link_is_revoked_on_its_page(address: str, alice: Person, charlie: Person, group_id: str) -> None:
    browser = browser_of(alice)
    page = (await browser.get(f"/groups/{group_id}/invitations")).content.decode()
    assert "for the harbour" in page
    (form,) = [form for form in forms_in(page) if form.action.endswith("/revoke")]
    assert (await browser.post(form.action, form.fields)).status_code == HTTPStatus.FOUND
    assert (await browser_of(charlie).get(address)).status_code == HTTPStatus.NOT_FOUND
    again = await browser.post(form.action, form.fields)
    assert again.status_code == HTTPStatus.NOT_FOUND


async def test_members_see_no_links(address: str, bob: Person, group_id: str) -> None:
    browser = browser_of(bob)
    # The sidebar leads to one's own.
    assert f"/{group_id}/invitations" not in (await browser.get(f"/groups/{group_id}/members")).content.decode()
    assert (await browser.get(f"/groups/{group_id}/invitations")).status_code == HTTPStatus.FORBIDDEN


async def test_somebody_says_who_may_add_them_and_answers_who_asks(
    alice: Person, charlie: Person, group_id: str
) -> None:
    browser = browser_of(charlie)
    form = form_to((await browser.get("/profile")).content.decode(), "/profile/privacy")
    assert (await browser.post(form.action, form.fields | {"addableBy": "nobody"})).status_code == HTTPStatus.FOUND
    assert '<option value="nobody" selected>' in (await browser.get("/profile")).content.decode()
    owner = browser_of(alice)
    members = form_to(
        (await owner.get(f"/groups/{group_id}/members")).content.decode(), f"/groups/{group_id}/members/add"
    )
    refused = await owner.post(members.action, members.fields | {"userId": charlie.id})
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "is asked before being added" in refused.content.decode()
    for answer in ("decline", "rejoin"):
        page = (await browser.get("/invitations")).content.decode()
        (form,) = [form for form in forms_in(page) if form.action.endswith(f"/{answer}")]
        assert (await browser.post(form.action, form.fields)).status_code == HTTPStatus.FOUND
        assert group_id not in (await browser.get("/invitations")).content.decode()
        assert (group_id in await ids_of(charlie)) == (answer == "rejoin")
        if answer == "decline":
            with pytest.raises(MustBeAsked):
                await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])


async def test_people_are_chosen_one_after_the_other(alice: Person, bob: Person, charlie: Person) -> None:
    browser, address = browser_of(alice), "/direct/new"
    for other in (bob, charlie):
        response = await browser.get(
            address, {"with": [bob.id] if other is charlie else [], "search": other.actor.name}
        )
        page = response.content.decode()
        (address,) = re.findall(r'class="person-row" href="([^"]+)"', page)
        address = address.replace("&amp;", "&")
        assert f"with={other.id}" in address
    form = form_to((await browser.get(address)).content.decode(), "/direct")
    assert form.fields["userId"] == [bob.id, charlie.id]
    opened = await browser.post("/direct", form.fields)
    assert opened["Location"] == f"/groups/{direct_id(alice.id, bob.id, charlie.id)}"
    page = (await browser.get(opened["Location"])).content.decode()
    assert re.search(rf"<h1[^>]*>{bob.actor.name}, {charlie.actor.name}</h1>", page)


async def test_notes_are_begun_from_the_sidebar_and_stand_first(alice: Person, bob: Person) -> None:
    await services.create_direct(actor=alice.actor, user_id=bob.id)
    browser = browser_of(alice)
    (form,) = [form for form in forms_in((await browser.get("/?list")).content.decode()) if "userId" in form.fields]
    opened = await browser.post(form.action, form.fields)
    assert opened["Location"] == f"/groups/{direct_id(alice.id)}"
    page = (await browser.get(opened["Location"])).content.decode()
    shown = re.findall(r'data-group-id="([^"]+)" data-kind="direct"( data-notes)?>', page)
    assert shown[:2] == [(direct_id(alice.id), " data-notes"), (direct_id(alice.id, bob.id), "")]


async def test_the_page_of_new_conversations_takes_so_many_and_finds_nobody_unknown(alice: Person) -> None:
    browser = browser_of(alice)
    many = await browser.get("/direct/new", {"with": [f"user_{number}" for number in range(MAX_PEOPLE + 1)]})
    assert many.status_code == HTTPStatus.BAD_REQUEST
    unknown = await browser.get("/direct/new", {"with": ["user_nobody", alice.id]})
    assert "Nobody yet." in unknown.content.decode()


async def test_who_wants_no_conversations_is_named(alice: Person, bob: Person) -> None:
    await privacy.set_addable_by(actor=bob.actor, addable_by="nobody")
    response = await browser_of(alice).post("/direct", {"userId": bob.id})
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert bob.actor.name in response.content.decode()
