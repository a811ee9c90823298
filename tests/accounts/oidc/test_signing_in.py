"""A whole sign-in by a real provider, over HTTP: who is let in, invited, linked, or asked for more."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts import models
from accounts.services import invitations
from foundation.errors import AppError
from groups import services as groups
from groups.access import require_group
from tests.accounts.cast import PASSWORD, Authenticator, Member

from .real_provider import RealProvider, sign_in_there


async def test_whoever_the_provider_lets_in_gets_an_account_and_comes_again(browser: Any) -> None:
    ada = browser("ada")
    response = await ada.signs_in(query={"next": "/groups/g?before=3"})
    assert (response.status_code, response["Location"]) == (302, "/groups/g?before=3")
    assert ada.client.cookies["oidc"].value == ""
    first = await ada.actor()
    assert first.name == "Ada"
    account = await models.get(first.user_id)
    assert account
    assert (account.has_password, first.role) == (False, "member")
    again = browser("ada")
    await again.signs_in()
    assert (await again.actor()).user_id == first.user_id
    # Nobody knows a password of it, the empty one neither.
    for password in ("", PASSWORD, account.password):
        form = {"login": account.login, "password": password}
        assert (await browser("ada").post("/sign-in", form)).status_code in (400, 401)


async def test_where_people_are_invited_nobody_else_comes_in(browser: Any, owner: Member, settings: Settings) -> None:
    settings.OIDC_ACCOUNTS = "invited"
    bob = browser("bob")
    response = await bob.signs_in()
    assert response.status_code == 403
    assert "invitation" in response.content.decode()
    assert "__session" not in bob.client.cookies
    made = await invitations.invite(actor=owner.actor)
    response = await bob.signs_in("/sign-in/oidc/join", {"link": made.token})
    assert response.status_code == 302
    actor = await bob.actor()
    # The link is used up, and he signs in without it.
    other = browser("cyd")
    assert (await other.get("/sign-in/oidc/join", {"link": made.token})).status_code == 404
    again = browser("bob")
    await again.signs_in()
    assert (await again.actor()).user_id == actor.user_id


async def test_only_addresses_of_some_domains_come_in(browser: Any, settings: Settings) -> None:
    settings.OIDC_DOMAINS = ["example.org"]
    assert (await browser("eve").signs_in()).status_code == 403
    assert (await browser("hal").signs_in()).status_code == 302
    settings.OIDC_DOMAINS = ["ample.org"]
    assert (await browser("hal").signs_in()).status_code == 403


async def test_a_second_factor_of_here_is_asked_for(browser: Any, member: Member) -> None:
    ivy = browser("ivy", member)
    page = await ivy.post("/account/oidc", {"password": PASSWORD})
    await ivy.comes_back(page.context["address"])
    authenticator = await Authenticator.of(member)
    elsewhere = browser("ivy")
    response = await elsewhere.signs_in()
    assert response.status_code == 200
    assert "__session" not in elsewhere.client.cookies
    form = {"challenge": response.context["challenge"], "code": authenticator.code()}
    assert (await elsewhere.post("/sign-in", form)).status_code == 302
    assert (await elsewhere.actor()).user_id == member.id


async def test_another_site_begins_no_sign_in(browser: Any) -> None:
    response = await browser("ada").client.get("/sign-in/oidc", headers={"Sec-Fetch-Site": "cross-site"})
    assert response["Location"] == "/sign-in"


async def test_groups_follow_the_provider_s(
    browser: Any, owner: Member, people: dict[str, dict[str, Any]], settings: Settings, real: RealProvider
) -> None:
    made = [await groups.create_group(actor=owner.actor, name=name) for name in ("Mapped", "By hand")]
    mapped, by_hand = (group.id for group in made)
    settings.OIDC_GROUPS = {"engineering": [mapped], "others": [by_hand], "gone": ["group_gone"]}
    joe = browser("joe")
    await joe.signs_in()
    actor = await joe.actor()
    await require_group(actor=actor, group_id=mapped)
    with pytest.raises(AppError):
        await require_group(actor=actor, group_id=by_hand)
    await groups.add_members(actor=owner.actor, group_id=by_hand, user_ids=[actor.user_id])
    # The provider says no more that he is in engineering: what the mapping made ends, what others made stays.
    settings.OIDC_GROUPS = {"others": [mapped, by_hand]}
    await joe.signs_in()
    with pytest.raises(AppError):
        await require_group(actor=actor, group_id=mapped)
    await require_group(actor=actor, group_id=by_hand)
    # It comes back with the claim; but not once he has left by himself.
    settings.OIDC_GROUPS = {"engineering": [mapped]}
    await joe.signs_in()
    await require_group(actor=actor, group_id=mapped)
    await groups.leave_group(actor=actor, group_id=mapped)
    await joe.signs_in()
    with pytest.raises(AppError):
        await require_group(actor=actor, group_id=mapped)


@pytest.mark.parametrize("change", ["state", "cookie", "code", "iss", "error"])
async def test_a_callback_that_was_changed_signs_nobody_in(browser: Any, change: str) -> None:
    ada = browser("ada")
    out = await ada.get("/sign-in/oidc")
    told = await sign_in_there(out["Location"], ada.login)
    if change == "cookie":
        ada.client.cookies.clear()
    elif change == "error":
        told = {"error": "access_denied", "error_description": "<script>", "state": told["state"]}
    else:
        told[change] = "http://other.example" if change == "iss" else "x" * 43
    response = await ada.get("/sign-in/oidc/callback", told)
    assert response.status_code == 401
    assert "<script>" not in response.content.decode()
    assert "__session" not in ada.client.cookies


async def test_a_callback_works_once(browser: Any) -> None:
    ada = browser("ada")
    out = await ada.get("/sign-in/oidc")
    cookie = ada.client.cookies["oidc"].value
    told = await sign_in_there(out["Location"], ada.login)
    assert (await ada.get("/sign-in/oidc/callback", told)).status_code == 302
    thief = browser("ada")
    thief.client.cookies["oidc"] = cookie
    assert (await thief.get("/sign-in/oidc/callback", told)).status_code == 401


async def test_one_signs_out_there_too(browser: Any, real: RealProvider) -> None:
    response = await browser("ada").get("/sign-in/oidc/sign-out")
    assert response["Location"].startswith(f"{real.issuer}/session/end?client_id=chat&post_logout_redirect_uri=")
