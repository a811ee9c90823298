"""With CLERK_ORGANIZATIONS only people of these organizations come in, and nobody else is seen."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from foundation.errors import Forbidden
from tests.serving import Server, serving
from users import models, services
from users.clerk.profile import parse_profile
from users.clerk.services import follow_profile

from .fake_clerk import FakeClerk, fake_clerk, user_object

OURS: list[dict[str, Any]] = [{"v": None, "org_id": "org_1"}, {"o": {"id": "org_2", "rol": "member"}}]
OTHERS: list[dict[str, Any]] = [
    {},
    {"v": None, "org_id": "org_3"},
    {"o": {"id": "org_3"}},
    # In a token of version 2 the older claim says nothing.
    {"o": {"id": "org_3"}, "org_id": "org_1"},
    {"o": {}, "org_id": "org_1"},
    {"o": {"id": ["org_1"]}},
    {"org_id": ["org_1"]},
    {"org_id": ""},
]


@pytest.fixture(autouse=True)
def _organizations(settings: Settings) -> None:
    settings.CLERK_ORGANIZATIONS = frozenset({"org_1", "org_2"})


@pytest.mark.parametrize("claims", OURS, ids=str)
async def test_people_of_these_organizations_come_in(clerk: FakeClerk, user_id: str, claims: dict[str, Any]) -> None:
    token = clerk.token(user_id, name="Ada", **claims)
    assert (await services.sign_in(token=token)).user_id == user_id
    assert (await services.check_renewal(token=token, user_id=user_id)).user_id == user_id


@pytest.mark.parametrize("claims", OTHERS, ids=str)
async def test_others_do_not_and_are_not_stored(clerk: FakeClerk, user_id: str, claims: dict[str, Any]) -> None:
    token = clerk.token(user_id, name="Eve", **claims)
    with pytest.raises(Forbidden):
        await services.sign_in(token=token)
    with pytest.raises(Forbidden):
        await services.check_renewal(token=token, user_id=user_id)
    assert await models.get(user_id) is None


async def test_a_webhook_makes_nobody_visible(clerk: FakeClerk, user_id: str) -> None:
    await follow_profile(profile=parse_profile(user_object(user_id)))
    assert await models.get(user_id) is None
    await services.sign_in(token=clerk.token(user_id, org_id="org_1"))
    await follow_profile(profile=parse_profile(user_object(user_id)))
    user = await models.get(user_id)
    assert user
    assert user.name == "Ada Lovelace"


async def test_without_the_setting_everybody_comes_in(clerk: FakeClerk, user_id: str, settings: Settings) -> None:
    settings.CLERK_ORGANIZATIONS = frozenset()
    assert (await services.sign_in(token=clerk.token(user_id, org_id="org_3"))).user_id == user_id


# --- over HTTP -------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def served_clerk() -> Iterator[FakeClerk]:
    with fake_clerk() as clerk:
        yield clerk


@pytest.fixture(scope="module")
async def server(served_clerk: FakeClerk) -> AsyncIterator[Server]:
    async with serving({**served_clerk.settings(), "CLERK_ORGANIZATIONS": "org_1, org_2"}) as server:
        yield server


@pytest.mark.parametrize(("organization", "status"), [("org_1", 200), ("org_3", 403)])
async def test_the_api_and_pages_ask_for_it(
    server: Server, served_clerk: FakeClerk, user_id: str, organization: str, status: int
) -> None:
    token = served_clerk.token(user_id, org_id=organization)
    async with httpx.AsyncClient(base_url=server.url) as client:
        by_token, by_cookie = {"Authorization": f"Bearer {token}"}, {"Cookie": f"__session={token}"}
        assert (await client.get("/api/users/me", headers=by_token)).status_code == status
        assert (await client.get("/", headers=by_cookie)).status_code == status
