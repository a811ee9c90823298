"""What a token of Clerk says of its user, in either version, takes effect if it is later than what is known."""

import asyncio
import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from foundation.errors import Unauthenticated, Unavailable
from users import models, name_search, profile_changes, profiles, selectors, services, user_cache
from users.clerk.profile import Profile
from users.clerk.services import follow_profile, remove_user

from .fake_clerk import FakeClerk

V1: dict[str, Any] = {"v": None, "sts": None, "org_id": "org_1", "org_role": "org:admin", "org_slug": "acme"}
V2: dict[str, Any] = {"v": 2, "fva": [0, -1], "o": {"id": "org_1", "rol": "admin", "slg": "acme"}, "fea": "o:chat"}


def ago(seconds: int) -> int:
    return int(time.time()) - seconds


@pytest.mark.parametrize("version", [V1, V2], ids=["v1", "v2"])
async def test_both_versions_of_tokens_sign_in(clerk: FakeClerk, user_id: str, version: dict[str, Any]) -> None:
    actor = await services.sign_in(token=clerk.token(user_id, name="Ada", **version))
    assert (actor.user_id, actor.name) == (user_id, "Ada")


async def test_a_changed_claim_takes_effect_at_once(clerk: FakeClerk, user_id: str) -> None:
    await services.sign_in(token=clerk.token(user_id, name="Ada", iat=ago(20)))
    picture = "https://img.example/a.png"
    renamed = clerk.token(user_id, name="Countess", image_url=picture, iat=ago(10))
    assert (await services.sign_in(token=renamed)).name == "Countess"
    user = await selectors.get_user(user_id=user_id)
    assert (user.name, user.image_url) == ("Countess", picture)
    assert user_id in {user.id for user in (await name_search.search("countess", limit=1000)).users}


async def test_others_are_told_of_a_changed_claim_and_of_a_removal(
    clerk: FakeClerk, user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, bool]] = []
    monkeypatch.setattr(profile_changes, "_listeners", [lambda user: told.append((user.name, user.is_removed))])
    await services.sign_in(token=clerk.token(user_id, name="Ada", iat=ago(20)))
    for _ in range(2):
        await services.sign_in(token=clerk.token(user_id, name="Countess", iat=ago(10)))
    await remove_user(user_id=user_id)
    assert told == [("Countess", False), ("Countess", True)]


async def test_an_older_token_does_not_bring_the_old_name_back(clerk: FakeClerk, user_id: str) -> None:
    old, new = (clerk.token(user_id, name=name, iat=ago(age)) for name, age in (("Ada", 20), ("Countess", 10)))
    await services.sign_in(token=new)
    for _ in range(2):
        assert (await services.sign_in(token=old)).name == "Countess"
        # In another process.
        user_cache.clear()


async def test_what_a_webhook_told_after_the_token_was_made_stays(clerk: FakeClerk, user_id: str) -> None:
    token = clerk.token(user_id, name="Ada", iat=ago(20))
    await services.sign_in(token=token)
    await follow_profile(profile=Profile(user_id, ago(10) * 1000, "Countess", None, None))
    assert (await services.sign_in(token=token)).name == "Countess"


async def test_a_token_that_says_nothing_new_writes_nothing(
    clerk: FakeClerk, user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.sign_in(token=clerk.token(user_id, name="Ada", iat=ago(20)))

    async def write(*args: Any, **more: Any) -> None:
        raise AssertionError("nothing has changed")

    monkeypatch.setattr(profiles, "follow_issuer", write)
    await services.sign_in(token=clerk.token(user_id, name="Ada", iat=ago(5)))
    await services.sign_in(token=clerk.token(user_id))


# --- somebody else in their place ------------------------------------------------------------------------------------
async def test_who_acts_in_somebodys_place_is_recorded_once(
    clerk: FakeClerk, user_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    session_id = f"sess_{user_id}"
    for _ in range(3):
        token = clerk.token(user_id, sid=session_id, act={"sub": "user_support", "iss": "https://dashboard.clerk.com"})
        assert (await services.sign_in(token=token)).user_id == user_id
    (recorded,) = await selectors.list_impersonations(user_id=user_id)
    assert (recorded.by, recorded.session_id) == ("user_support", session_id)
    assert [record.message for record in caplog.records].count(
        f"user_support acts as {user_id} in the session {session_id}."
    ) == 1


async def test_nobody_acts_unrecorded(clerk: FakeClerk, user_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*args: Any, **more: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(models, "add_impersonation", fail)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await services.sign_in(token=clerk.token(user_id, sid=f"sess_{user_id}", act={"sub": "user_support"}))


@pytest.mark.parametrize("act", ["user_support", {}, {"sub": 7}, {"sub": "a#b"}, [], {"sub": None}, 0])
async def test_a_token_that_hides_who_acts_is_refused(clerk: FakeClerk, user_id: str, act: Any) -> None:
    with pytest.raises(Unauthenticated):
        await services.sign_in(token=clerk.token(user_id, act=act))


async def test_the_command_prints_who_acted(clerk: FakeClerk, user_id: str) -> None:
    await services.sign_in(token=clerk.token(user_id, sid=f"{user_id}_1", act={"sub": "user_support"}))
    out = StringIO()
    await asyncio.to_thread(call_command, "impersonations", user_id, stdout=out)
    assert out.getvalue().split()[1:] == ["user_support", f"{user_id}_1"]


async def test_who_acts_as_themselves_is_not_recorded(clerk: FakeClerk, user_id: str) -> None:
    await services.sign_in(token=clerk.token(user_id))
    assert await selectors.list_impersonations(user_id=user_id) == []
