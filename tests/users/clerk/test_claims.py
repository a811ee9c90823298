"""What a token of Clerk says of its user, in either version, takes effect if it is later than what is known."""

import time
from typing import Any

import pytest

from users import models, name_search, selectors, services, user_cache
from users.clerk.profile import Profile
from users.clerk.services import follow_profile

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
    assert user_id in {user.id for user in (await name_search.search("countess", limit=1000))}


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

    monkeypatch.setattr(models, "follow_issuer", write)
    await services.sign_in(token=clerk.token(user_id, name="Ada", iat=ago(5)))
    await services.sign_in(token=clerk.token(user_id))
