"""The pages of accounts: cookies, where one goes from them, and what they tell nobody."""

import logging
import re
from http import HTTPStatus

import pytest
from django.test import AsyncClient
from pytest_django import Settings

from accounts.services import credentials, invitations
from users import services as users
from users import tokens

from .cast import NEW_PASSWORD, PASSWORD, Authenticator, Member, forget_owner, has_ended, owner_link


def browser(member: Member | None = None, *, csrf: bool = False) -> AsyncClient:
    client = AsyncClient(enforce_csrf_checks=csrf)
    if member:
        client.cookies["__session"] = member.token
    return client


async def test_signing_in_sets_a_cookie_that_no_script_reads(member: Member) -> None:
    client = browser()
    response = await client.post(
        "/sign-in", {"login": member.login, "password": PASSWORD, "next": "/groups/g?before=3"}
    )
    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, "/groups/g?before=3")
    for name in ("__session", "device"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert client.cookies["device"]["path"] == "/sign-in"
    assert (await users.sign_in(token=client.cookies["__session"].value)).user_id == member.id


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_nobody_is_sent_elsewhere(member: Member, target: str) -> None:
    response = await browser().post("/sign-in", {"login": member.login, "password": PASSWORD, "next": target})
    assert response["Location"] == "/"


async def test_a_second_factor_is_asked_for_on_a_page_of_its_own(member: Member) -> None:
    authenticator = await Authenticator.of(member)
    client = browser()
    response = await client.post("/sign-in", {"login": member.login, "password": PASSWORD, "next": "/groups/g"})
    page = response.content.decode()
    assert response.status_code == HTTPStatus.OK
    assert "__session" not in client.cookies
    assert PASSWORD not in page
    challenge = re.search('name="challenge" value="([^"]+)"', page)
    assert challenge
    form = {"challenge": challenge[1], "next": "/groups/g"}
    wrong = await client.post("/sign-in", {**form, "code": "nonsense"})
    assert wrong.status_code == HTTPStatus.UNAUTHORIZED
    assert challenge[1] in wrong.content.decode()
    right = await client.post("/sign-in", {**form, "code": authenticator.code()})
    assert (right.status_code, right["Location"]) == (HTTPStatus.FOUND, "/groups/g")


@pytest.mark.parametrize("challenge", ["x", "x:y:z", "a" * 999])
async def test_a_made_up_challenge_proves_nothing(challenge: str) -> None:
    response = await browser().post("/sign-in", {"challenge": challenge, "code": "123456"})
    assert response.status_code == HTTPStatus.UNAUTHORIZED


async def test_signing_out_ends_the_session(member: Member) -> None:
    client = browser(member)
    assert (await client.post("/sign-out"))["Location"] == "/sign-in"
    assert await has_ended(member)


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/join",
        "/reset",
        "/account/password",
        "/account/totp",
        "/account/sessions/end",
        "/accounts/invitations",
    ],
)
async def test_another_site_posts_nothing(owner: Member, path: str) -> None:
    response = await browser(owner, csrf=True).post(path, {"login": owner.login, "password": PASSWORD})
    assert response.status_code == HTTPStatus.FORBIDDEN


async def test_a_cookie_alone_changes_nothing_over_the_api(owner: Member) -> None:
    client = browser(owner, csrf=True)
    response = await client.post("/api/accounts/invitations", {}, content_type="application/json")
    assert response.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("kind", ["join", "reset"])
async def test_the_page_of_a_link_is_kept_nowhere_and_told_nobody(owner: Member, member: Member, kind: str) -> None:
    made = await (
        invitations.invite(actor=owner.actor)
        if kind == "join"
        else invitations.make_reset_link(password=PASSWORD, actor=owner.actor, user_id=member.id)
    )
    response = await browser().get(f"/{kind}", {"link": made.token})
    assert response.status_code == HTTPStatus.OK
    # The origin alone: with "no-referrer" a browser would send no origin with the form either.
    assert response["Referrer-Policy"] == "strict-origin"
    assert response["Cache-Control"] == "no-store"
    page = response.content.decode()
    # Nothing of the page is loaded from elsewhere, and no link goes there.
    assert re.findall('(?:href|src|action)="(?!/)[^"]*"', page) == []


async def test_looking_at_a_link_does_not_use_it(owner: Member) -> None:
    made = await invitations.invite(actor=owner.actor)
    for _ in range(3):
        assert (await browser().get("/join", {"link": made.token})).status_code == HTTPStatus.OK
    assert (await browser().head("/join", {"link": made.token})).status_code == HTTPStatus.OK


async def test_no_link_password_or_code_is_logged(
    owner: Member, member: Member, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    invitation = await invitations.invite(actor=owner.actor, uses=2)
    reset = await invitations.make_reset_link(password=PASSWORD, actor=owner.actor, user_id=member.id)
    form = {"link": invitation.token, "login": f"l-{member.login}", "password": PASSWORD, "name": "Nora"}
    strict = browser(csrf=True)
    for client in (strict, browser()):
        await client.get("/join", {"link": invitation.token})
        await client.get("/reset", {"link": reset.token})
        await client.post("/join", {**form, "password": "short-1"})
        await client.post("/join", form)
        await client.post("/join", form)
        await client.post("/reset", {"link": reset.token, "password": NEW_PASSWORD})
        await client.post("/reset", {"link": reset.token, "password": NEW_PASSWORD})
        await client.post("/sign-in", {"login": PASSWORD, "password": "typed into the wrong field"})
        await client.post("/sign-in", {"login": form["login"], "password": PASSWORD})
    log = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert "sign_in.refused" in log
    assert "account.create" in log
    secrets = [PASSWORD, NEW_PASSWORD, "short-1", "typed into"]
    secrets += [made.token.partition(".")[2] for made in (invitation, reset)]
    assert [secret for secret in secrets if secret in log] == []


async def test_the_secret_of_a_second_factor_is_shown_once(member: Member) -> None:
    client = browser(member)
    response = await client.post("/account/totp", {"password": PASSWORD})
    page = response.content.decode()
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert secret
    assert "<svg" in page
    for again in (await client.get("/account"), await client.post("/account/totp/confirm", {"code": "nonsense"})):
        assert secret[1] not in again.content.decode()


async def test_recovery_codes_are_shown_once(member: Member) -> None:
    client = browser(member)
    page = (await client.post("/account/totp", {"password": PASSWORD})).content.decode()
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert secret
    code = Authenticator(secret[1], []).code()
    page = (await client.post("/account/totp/confirm", {"code": code})).content.decode()
    codes = re.findall(r"<code>([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})</code>", page)
    assert len(set(codes)) == 10
    again = await client.get("/account")
    assert again.status_code == HTTPStatus.OK
    assert codes[0] not in again.content.decode()


async def test_a_copied_cookie_is_worth_nothing_once_the_password_was_changed(member: Member) -> None:
    """Also where it is changed in the browser that the cookie is of: that one has another session then."""
    client = browser(member)
    response = await client.post("/account/password", {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD})
    assert response["Location"] == "/account?done=password"
    assert await has_ended(member)
    assert (await client.get("/account")).status_code == HTTPStatus.OK
    # And stays known as a device, of the new password.
    assert client.cookies["device"].value not in ("", member.device)


@pytest.mark.parametrize("door", ["password", "totp/confirm"])
async def test_the_api_tells_the_token_of_the_session_that_has_begun(member: Member, door: str) -> None:
    offer = await credentials.begin_totp(actor=member.actor, password=PASSWORD)
    code = Authenticator(offer.secret, []).code()
    data = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD, "code": code}
    fields = ("code",) if door == "totp/confirm" else ("currentPassword", "newPassword")
    answers = [
        await AsyncClient().post(
            f"/api/accounts/me/{door}",
            {name: data[name] for name in fields},
            content_type="application/json",
            headers={"Authorization": f"Bearer {member.token}"},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [HTTPStatus.OK, HTTPStatus.UNAUTHORIZED]
    assert (await users.sign_in(token=answers[0].json()["token"])).session_id == answers[0].json()["sessionId"]


async def test_what_an_invitation_is_called_stays_text(owner: Member) -> None:
    client = browser(owner)
    page = (await client.post("/accounts/invitations", {"note": "<script>alert(1)</script>"})).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("path", ["/account", "/accounts", "/join?link=a.b", "/reset?link=a.b"])
async def test_in_a_trial_there_are_no_such_pages(settings: Settings, path: str) -> None:
    settings.SIGN_IN = "trial"
    token = await users.sign_in_locally(name="Ada")
    tokens.configured_verifier.cache_clear()
    client = AsyncClient()
    client.cookies["__session"] = token
    assert (await client.get(path)).status_code == HTTPStatus.NOT_FOUND


async def test_no_secret_of_an_account_is_kept_for_a_repeated_request(owner: Member) -> None:
    """An Idempotency-Key keeps the answer, and a digest of the request: neither of what has a secret."""
    client, urls = AsyncClient(), set[str]()
    for _ in range(2):
        response = await client.post(
            "/api/accounts/invitations",
            {},
            content_type="application/json",
            headers={"Authorization": f"Bearer {owner.token}", "Idempotency-Key": "once"},
        )
        assert "Idempotent-Replayed" not in response
        urls.add(response.json()["url"])
    assert len(urls) == 2


async def test_the_owner_link_is_a_page_too() -> None:
    await forget_owner()
    made = await owner_link()
    page = (await browser().get("/join", {"link": made.token})).content.decode()
    assert "Set up this chat" in page
