"""Where a mail server is set, invitations are mailed, and who has forgotten a password gets a link."""

import asyncio
import re
import threading
from uuid import uuid4

import pytest
from django.core import mail
from django.test import AsyncClient
from pytest_django import Settings

from accounts import mail as accounts_mail
from accounts.services import credentials, forgetting, invitations, joining
from foundation.errors import Invalid, NotFound, RateLimited, Unavailable
from foundation.limits.rates import Rate

from .cast import HERE, NEW_PASSWORD, PASSWORD, Member, sign_in


@pytest.fixture(autouse=True)
def mails(settings: Settings) -> list[mail.EmailMessage]:
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example", "chat@example.org"
    mail.outbox = []
    return mail.outbox


def link_in(message: mail.EmailMessage) -> str:
    found = re.search(r"\?link=(\S+)", str(message.body))
    assert found
    return found[1]


@pytest.fixture
async def reachable(owner: Member, mails: list[mail.EmailMessage]) -> Member:
    """Somebody who has joined by a link that was mailed to them."""
    made = await invitations.invite(actor=owner.actor, email="rita@example.org")
    login = f"rita-{uuid4().hex[:10]}"
    signed_in = await joining.join(token=link_in(mails.pop()), login=login, password=PASSWORD, name="Rita", client=HERE)
    assert made.link.email == "rita@example.org"
    return await sign_in(Member(login, owner.actor, signed_in.token, signed_in.device))


async def forgets(login: str) -> None:
    await forgetting.request_reset(login=login, client=HERE)
    await asyncio.gather(*forgetting.pending())


async def test_a_forgotten_password_is_set_by_a_mailed_link(reachable: Member, mails: list[mail.EmailMessage]) -> None:
    await forgets(reachable.login)
    (message,) = mails
    assert (message.to, message.from_email) == (["rita@example.org"], "chat@example.org")
    await credentials.reset_password(token=link_in(message), password=NEW_PASSWORD)
    await sign_in(reachable, password=NEW_PASSWORD)


async def test_nobody_learns_who_has_an_address(
    reachable: Member, member: Member, mails: list[mail.EmailMessage]
) -> None:
    answers = set()
    for login in (reachable.login, member.login, "nobody-has-this-name", "no name\n"):
        response = await AsyncClient().post(
            "/api/accounts/forgotten", {"login": login}, content_type="application/json"
        )
        page = await AsyncClient().post("/forgotten", {"login": login})
        answers.add((response.status_code, response.content, page.status_code, "on its way" in page.content.decode()))
        await asyncio.gather(*forgetting.pending())
    assert answers == {(202, b"", 200, True)}
    assert {tuple(message.to) for message in mails} == {("rita@example.org",)}


async def test_nobody_is_flooded(reachable: Member, mails: list[mail.EmailMessage], settings: Settings) -> None:
    settings.RATE_LIMITS = {"reset_mail": Rate(2, 86400)}
    for _ in range(2):
        await forgets(reachable.login)
    with pytest.raises(RateLimited):
        await forgets(reachable.login)
    assert len(mails) == 2


async def test_a_link_that_is_mailed_is_shown_to_nobody(owner: Member, mails: list[mail.EmailMessage]) -> None:
    client = AsyncClient()
    response = await client.post(
        "/api/accounts/invitations",
        {"email": "sam@example.org"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {owner.token}"},
    )
    assert response.status_code == 201
    assert "url" not in response.json()
    client.cookies["__session"] = owner.token
    page = (await client.post("/accounts/invitations", {"uses": "1", "days": "7", "email": "sam@example.org"})).content
    for message in mails:
        assert link_in(message).encode() not in page
    assert len(mails) == 2


@pytest.mark.parametrize(
    "bad", ["no address", "a@b.example\nBcc: eve@evil.example", "a@b, eve@evil.example", "x" * 300]
)
async def test_only_an_address_is_mailed_to(owner: Member, mails: list[mail.EmailMessage], bad: str) -> None:
    response = await AsyncClient().post(
        "/api/accounts/invitations",
        {"email": bad},
        content_type="application/json",
        headers={"Authorization": f"Bearer {owner.token}"},
    )
    assert response.status_code == 400
    assert mails == []


async def test_a_mailed_invitation_is_of_one_person(owner: Member) -> None:
    with pytest.raises(Invalid):
        await invitations.invite(actor=owner.actor, email="sam@example.org", uses=2)


async def test_without_a_mail_server_there_is_no_mail(owner: Member, settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    with pytest.raises(NotFound):
        await forgets(owner.login)
    with pytest.raises(Invalid):
        await invitations.invite(actor=owner.actor, email="sam@example.org")
    assert (await AsyncClient().get("/forgotten")).status_code == 404


async def test_a_mail_server_that_fails_is_not_quoted(
    owner: Member, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    with pytest.raises(Unavailable):
        await invitations.invite(actor=owner.actor, email="sam@example.org")
    assert "sam@example.org" not in caplog.text
    assert "?link=" not in caplog.text


async def test_a_mail_server_that_does_not_answer_holds_no_threads_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    go, begun = threading.Event(), threading.Barrier(3)

    def slow(subject: str, *args: object) -> None:
        if "password" in subject:
            begun.wait(30)
            assert go.wait(30)

    monkeypatch.setattr(accounts_mail, "send_mail", slow)
    mailing = [
        asyncio.ensure_future(accounts_mail.send_link(kind="reset", to="sam@example.org", address="x"))
        for _ in range(2)
    ]
    # Two are sent at a time, and what the others' threads are for goes on, invitations too.
    await asyncio.to_thread(begun.wait, 30)
    names = [thread.name for thread in threading.enumerate() if thread.name.startswith("mails-reset")]
    await accounts_mail.send_link(kind="join", to="tom@example.org", address="y")
    go.set()
    await asyncio.gather(*mailing)
    assert len(names) == 2
