"""The API and the pages of accounts answer the same attempt with the same code, and nobody without rights gets any."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import AsyncClient

from accounts import models
from accounts.services import invitations
from foundation.errors import error_classes_by_code

from .cast import NEW_PASSWORD, PASSWORD, Authenticator, Member, sign_in

OK = "ok"
STATUS = {code: kind.status for code, kind in error_classes_by_code().items()}
# Each operation: its address in the API and its form, with the ids in their addresses.
API = {
    "sign_in": ("POST", "/api/accounts/sign-in"),
    "join": ("POST", "/api/accounts/join"),
    "reset": ("POST", "/api/accounts/reset"),
    "change_password": ("POST", "/api/accounts/me/password"),
    "begin_totp": ("POST", "/api/accounts/me/totp"),
    "confirm_totp": ("POST", "/api/accounts/me/totp/confirm"),
    "disable_totp": ("POST", "/api/accounts/me/totp/disable"),
    "recovery_codes": ("POST", "/api/accounts/me/recovery-codes"),
    "add_passkey": ("POST", "/api/accounts/me/passkeys"),
    "remove_passkey": ("POST", "/api/accounts/me/passkeys/{passkeyId}/remove"),
    "passkey_options": ("POST", "/api/accounts/me/passkeys/options"),
    "end_session": ("DELETE", "/api/accounts/me/sessions/{sessionId}"),
    "end_others": ("DELETE", "/api/accounts/me/sessions"),
    "own": ("GET", "/api/accounts/me"),
    "list": ("GET", "/api/accounts"),
    "invite": ("POST", "/api/accounts/invitations"),
    "revoke": ("DELETE", "/api/accounts/invitations/{invitationId}"),
    "reset_link": ("POST", "/api/accounts/reset-links"),
}
PAGES = {
    "sign_in": ("POST", "/sign-in"),
    "join": ("POST", "/join"),
    "reset": ("POST", "/reset"),
    "change_password": ("POST", "/account/password"),
    "begin_totp": ("POST", "/account/totp"),
    "confirm_totp": ("POST", "/account/totp/confirm"),
    "disable_totp": ("POST", "/account/totp/disable"),
    "recovery_codes": ("POST", "/account/recovery-codes"),
    "add_passkey": ("POST", "/account/passkeys"),
    "remove_passkey": ("POST", "/account/passkeys/{passkeyId}/remove"),
    "passkey_options": ("POST", "/account/passkeys/options"),
    "end_session": ("POST", "/account/sessions/{sessionId}/end"),
    "end_others": ("POST", "/account/sessions/end"),
    "own": ("GET", "/account"),
    "list": ("GET", "/accounts"),
    "invite": ("POST", "/accounts/invitations"),
    "revoke": ("POST", "/accounts/invitations/{invitationId}/revoke"),
    "reset_link": ("POST", "/accounts/{userId}/reset"),
}
PUBLIC = ("sign_in", "join", "reset")
IDS = ("sessionId", "invitationId", "userId", "passkeyId")
LONG = "x" * 5_000
# operation, who, data, code. `$name` is a value of the scene.
ATTEMPTS: list[tuple[str, str, dict[str, Any], str]] = [
    ("sign_in", "nobody", {"login": "$login", "password": PASSWORD}, OK),
    ("sign_in", "nobody", {"login": "$login", "password": "wrong"}, "unauthenticated"),
    ("sign_in", "nobody", {"login": "nobody-has-this", "password": PASSWORD}, "unauthenticated"),
    ("sign_in", "nobody", {"login": "not a name\n#", "password": PASSWORD}, "unauthenticated"),
    ("sign_in", "nobody", {"login": "$login"}, "invalid"),
    ("sign_in", "nobody", {"login": LONG, "password": PASSWORD}, "invalid"),
    ("sign_in", "nobody", {"login": "$login", "password": LONG}, "invalid"),
    ("join", "nobody", {"link": "$invitation", "login": "$new", "password": PASSWORD, "name": "Nora"}, OK),
    ("join", "nobody", {"link": "nonsense", "login": "$new", "password": PASSWORD, "name": "Nora"}, "not_found"),
    ("join", "nobody", {"link": "$reset", "login": "$new", "password": PASSWORD, "name": "Nora"}, "not_found"),
    ("join", "nobody", {"link": "$invitation", "login": "$login", "password": PASSWORD, "name": "Nora"}, "invalid"),
    ("join", "nobody", {"link": "$invitation", "login": "$new", "password": "password", "name": "Nora"}, "invalid"),
    ("join", "nobody", {"link": "$invitation", "login": "$new", "password": PASSWORD, "name": "\u200b"}, "invalid"),
    ("join", "nobody", {"link": "$invitation", "login": "$new", "password": PASSWORD}, "invalid"),
    ("join", "nobody", {"link": LONG, "login": "$new", "password": PASSWORD, "name": "Nora"}, "invalid"),
    ("reset", "nobody", {"link": "$reset", "password": NEW_PASSWORD}, OK),
    ("reset", "nobody", {"link": "$reset", "password": "short"}, "invalid"),
    ("reset", "nobody", {"link": "$invitation", "password": NEW_PASSWORD}, "not_found"),
    ("change_password", "member", {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}, OK),
    ("change_password", "member", {"currentPassword": "wrong", "newPassword": NEW_PASSWORD}, "invalid"),
    ("change_password", "member", {"currentPassword": PASSWORD, "newPassword": "short"}, "invalid"),
    ("change_password", "member", {"newPassword": NEW_PASSWORD}, "invalid"),
    ("begin_totp", "member", {"password": PASSWORD}, OK),
    ("begin_totp", "member", {"password": "wrong"}, "invalid"),
    ("begin_totp", "other", {"password": PASSWORD}, "invalid"),
    ("confirm_totp", "member", {"code": "123456"}, "not_found"),
    ("disable_totp", "other", {"password": PASSWORD, "code": "$code"}, OK),
    ("disable_totp", "other", {"password": PASSWORD, "code": "nonsense"}, "invalid"),
    ("disable_totp", "member", {"password": PASSWORD, "code": "123456"}, "not_found"),
    ("recovery_codes", "other", {"password": PASSWORD, "code": "$code"}, OK),
    ("recovery_codes", "other", {"password": PASSWORD}, "invalid"),
    ("recovery_codes", "other", {"password": "wrong"}, "invalid"),
    ("recovery_codes", "member", {"password": PASSWORD}, "not_found"),
    ("passkey_options", "member", {"password": PASSWORD}, OK),
    ("passkey_options", "member", {"password": "wrong"}, "invalid"),
    ("add_passkey", "member", {"state": "x", "credential": "{}", "name": "x"}, "invalid"),
    ("add_passkey", "member", {"state": "x", "credential": LONG * 4, "name": "x"}, "invalid"),
    ("add_passkey", "member", {"state": "x", "credential": "{}"}, "invalid"),
    ("remove_passkey", "member", {"passkeyId": "nothing", "password": PASSWORD}, "not_found"),
    ("remove_passkey", "member", {"passkeyId": "nothing", "password": "wrong"}, "invalid"),
    ("end_session", "member", {"sessionId": "$session"}, OK),
    ("end_session", "other", {"sessionId": "$session"}, "not_found"),
    ("end_session", "member", {"sessionId": "sess_nothing"}, "not_found"),
    ("end_others", "member", {}, OK),
    ("own", "member", {}, OK),
    ("list", "owner", {}, OK),
    ("list", "member", {}, "forbidden"),
    ("invite", "owner", {"uses": 3, "note": "for you"}, OK),
    ("invite", "owner", {"uses": 0}, "invalid"),
    ("invite", "owner", {"uses": 1001}, "invalid"),
    ("invite", "owner", {"note": "\u202e"}, "invalid"),
    ("invite", "owner", {"userId": "$member", "password": PASSWORD}, "invalid"),
    ("invite", "owner", {"userId": "user_nobody", "password": PASSWORD}, "not_found"),
    ("invite", "owner", {"userId": "user_nobody", "password": "wrong"}, "invalid"),
    ("invite", "owner", {"userId": "user_nobody"}, "invalid"),
    ("invite", "member", {}, "forbidden"),
    ("revoke", "owner", {"invitationId": "$invitation_id"}, OK),
    ("revoke", "owner", {"invitationId": "inv_nothing"}, "not_found"),
    ("revoke", "owner", {"invitationId": "owner"}, "not_found"),
    ("revoke", "member", {"invitationId": "$invitation_id"}, "forbidden"),
    ("reset_link", "owner", {"userId": "$member", "password": PASSWORD}, OK),
    ("reset_link", "owner", {"userId": "user_nobody", "password": PASSWORD}, "not_found"),
    ("reset_link", "owner", {"userId": "$owner", "password": PASSWORD}, "forbidden"),
    ("reset_link", "owner", {"userId": "$member", "password": "wrong"}, "invalid"),
    ("reset_link", "owner", {"userId": "$member"}, "invalid"),
    ("reset_link", "member", {"userId": "$other", "password": PASSWORD}, "forbidden"),
    *((operation, "nobody", dict.fromkeys(IDS, "x"), "unauthenticated")
      for operation in API if operation not in PUBLIC),
]  # fmt: skip


@dataclass
class Scene:
    people: dict[str, Member]
    values: dict[str, str]

    def fill(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self.values.get(value, value) if isinstance(value, str) else value for name, value in data.items()
        }


@pytest.fixture
async def scene(owner: Member, member: Member, other: Member) -> Scene:
    authenticator = await Authenticator.of(other)
    invitation = await invitations.invite(actor=owner.actor)
    reset = await invitations.make_reset_link(password=PASSWORD, actor=owner.actor, user_id=member.id)
    assert authenticator.owner is not None
    second = await sign_in(member)
    values = {
        "$login": member.login,
        "$new": f"new-{member.login}",
        "$invitation": invitation.token,
        "$invitation_id": invitation.link.id,
        "$reset": reset.token,
        "$code": authenticator.code(),
        "$session": second.actor.session_id,
        **{f"${name}": person.id for name, person in (("owner", owner), ("member", member), ("other", other))},
    }
    return Scene({"owner": owner, "member": member, "other": authenticator.owner}, values)


@pytest.mark.parametrize(("operation", "who", "data", "code"), ATTEMPTS)
async def test_the_api_answers(scene: Scene, operation: str, who: str, data: dict[str, Any], code: str) -> None:
    client, person, (method, path) = AsyncClient(), scene.people.get(who), API[operation]
    data = scene.fill(data)
    headers = {"Authorization": f"Bearer {person.token}"} if person else {}
    path, body = _with_ids(path, data)
    if method == "POST":
        response = await client.post(path, body, content_type="application/json", headers=headers)
    else:
        response = await client.generic(method, path, headers=headers)
    if code == OK:
        assert response.status_code in (200, 201, 204), response.content
    else:
        assert response.status_code == STATUS[code], response.content
        assert response.json()["error"]["code"] == code


@pytest.mark.parametrize(("operation", "who", "data", "code"), ATTEMPTS)
async def test_a_page_answers(scene: Scene, operation: str, who: str, data: dict[str, Any], code: str) -> None:
    client, person, (method, path) = AsyncClient(), scene.people.get(who), PAGES[operation]
    data = scene.fill(data)
    if person:
        client.cookies["__session"] = person.token
    path, form = _with_ids(path, data)
    response = await (client.get(path) if method == "GET" else client.post(path, form))
    if code == "unauthenticated" and operation not in PUBLIC:
        assert response["Location"].startswith("/sign-in")
    elif code == OK:
        assert response.status_code in (200, 302), response.content
        assert not response.get("Location", "").startswith("/sign-in")
    else:
        assert response.status_code == STATUS[code], response.content


def _with_ids(path: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    inside = {name: data[name] for name in IDS if f"{{{name}}}" in path}
    return path.format_map(inside), {name: value for name, value in data.items() if name not in inside}


async def test_an_attempt_that_fails_makes_no_account(scene: Scene) -> None:
    for operation, _, data, code in ATTEMPTS:
        if operation == "join" and code != OK:
            client = AsyncClient()
            await client.post("/api/accounts/join", scene.fill(data), content_type="application/json")
            await client.post("/join", scene.fill(data))
    assert await models.find(scene.values["$new"]) is None
