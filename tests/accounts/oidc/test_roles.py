"""The provider's groups decide who has which role here, at each sign-in; they make no owner, and no owner less."""

from contextlib import suppress
from typing import Any

import pytest
from pytest_django import Settings

from accounts import provided_role
from accounts.oidc.configuration import find_problems
from foundation.errors import Unavailable
from tests.accounts.cast import Member
from tests.workspace.audit.reading import acts
from users import profile_changes, standings
from users import selectors as users
from users.revoked import RevokedSessions
from users.roles import ADMIN, GUEST, MEMBER, OWNER
from workspace import services as workspace


async def role_of(user_id: str) -> str:
    return (await users.get_user(user_id=user_id)).role


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["it"], ADMIN),
        (["partners"], GUEST),
        # The highest counts.
        (["partners", "staff"], MEMBER),
        (["partners", "it", "staff"], ADMIN),
        ([], MEMBER),
        (["unknown", "*"], MEMBER),
    ],
)
def test_which_role_groups_give(settings: Settings, groups: list[str], role: str) -> None:
    settings.OIDC_ROLES = {"it": "admin", "staff": "member", "partners": "guest"}
    assert provided_role.role_by(groups) == role


def test_everybody_else_has_the_role_of_the_star(settings: Settings) -> None:
    settings.OIDC_ROLES = {"staff": "member", "*": "guest"}
    assert [provided_role.role_by(groups) for groups in ([], ["x"], ["staff"])] == [GUEST, GUEST, MEMBER]


async def test_it_is_decided_at_each_sign_in(
    browser: Any, owner: Member, people: dict[str, dict[str, Any]], settings: Settings
) -> None:
    kim = browser("kim")
    for roles, role in (
        ({"engineering": "guest"}, GUEST),
        ({"engineering": "admin", "*": "guest"}, ADMIN),
        ({}, ADMIN),
        ({"others": "admin"}, MEMBER),
    ):
        settings.OIDC_ROLES = roles
        await kim.signs_in()
        actor = await kim.actor()
        assert (actor.role, await role_of(actor.user_id)) == (role, role)
    noted = await acts(act="role.change", about=actor.user_id)
    assert {act.by for act in noted} == {"provider"}
    assert [act.about["role"] for act in noted] == [MEMBER, ADMIN, GUEST]


async def test_an_owner_stays_one_and_nothing_makes_one(
    browser: Any, owner: Member, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OIDC_ROLES = {"engineering": "guest"}
    lea = browser("lea")
    await lea.signs_in()
    actor = await lea.actor()
    await workspace.set_role_by_operator(user_id=actor.user_id, role=OWNER)
    await lea.signs_in()
    assert await role_of(actor.user_id) == OWNER
    await workspace.set_role_by_operator(user_id=actor.user_id, role=MEMBER)
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = "https://login.example", "chat"
    for wrong in ({"engineering": "owner"}, {"engineering": "king"}, {"engineering": ["admin"]}, ["admin"]):
        settings.OIDC_ROLES = wrong
        assert [problem for problem in find_problems() if "OIDC_ROLES" in problem], wrong


async def test_nobody_comes_in_with_a_role_that_could_not_be_changed(
    browser: Any, owner: Member, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OIDC_ROLES = {"engineering": "guest"}

    async def fail(*_: Any, **__: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(standings, "write", fail)
    hal = browser("hal")
    response = await hal.signs_in()
    assert response.status_code == 503
    assert "__session" not in hal.client.cookies


async def test_a_change_whose_answer_is_lost_is_noted_and_told(
    member: Member, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OIDC_ROLES = {"it": "admin"}
    write, told = standings.write, list[Any]()

    async def write_and_fail(*arguments: Any, **options: Any) -> None:
        await write(*arguments, **options)
        raise Unavailable

    monkeypatch.setattr(standings, "write", write_and_fail)
    monkeypatch.setattr(profile_changes, "tell", told.append)
    with suppress(Unavailable):
        await provided_role.apply(member.id, frozenset(("it",)))
    await provided_role.apply(member.id, frozenset(("it",)))
    assert [user.role for user in told] == [ADMIN]
    noted = await acts(act="role.change", about=member.id)
    assert [(act.by, act.about["role"], act.about["former"]) for act in noted] == [("provider", ADMIN, MEMBER)]


async def test_a_change_that_was_not_told_everywhere_is_told_at_the_next_sign_in(
    member: Member, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OIDC_ROLES = {"it": "admin"}
    asked: list[str] = []

    async def change_user(_: Any, user_id: str, __: int) -> bool:
        asked.append(user_id)
        return len(asked) > 1

    monkeypatch.setattr(RevokedSessions, "change_user", change_user)
    with pytest.raises(Unavailable):
        await provided_role.apply(member.id, frozenset(("it",)))
    await provided_role.apply(member.id, frozenset(("it",)))
    assert asked == [member.id, member.id]


async def test_where_the_provider_does_not_say_nothing_changes(member: Member, settings: Settings) -> None:
    settings.OIDC_ROLES = {"engineering": "guest", "*": "guest"}
    await provided_role.apply(member.id, None)
    assert await role_of(member.id) == MEMBER
    await provided_role.apply(member.id, frozenset())
    assert await role_of(member.id) == GUEST
