"""Nobody is put into groups without end, and leaving a group holds until one comes back by oneself."""

import pytest
from pytest_django import Settings

from foundation.errors import Forbidden, NotFound, RateLimited
from foundation.limits.rates import Rate
from groups import joining_budget, selectors, services
from tests.cast import Person, person
from tests.entry_points import http_client
from tests.serving import serving


async def groups_of(person: Person) -> set[str]:
    return await selectors.list_group_ids(user_id=person.id)


async def test_somebody_is_put_into_so_many_groups_an_hour(
    alice: Person, bob: Person, charlie: Person, settings: Settings
) -> None:
    settings.RATE_LIMITS = {"added_to_groups": Rate(3, 3600)}
    made = [await services.create_group(actor=alice.actor, name="Spam", member_ids=[bob.id]) for _ in range(2)]
    empty = await services.create_group(actor=charlie.actor, name="Spam")
    assert await services.add_members(actor=charlie.actor, group_id=empty.id, user_ids=[bob.id])
    other = await services.create_group(actor=alice.actor, name="Spam")
    for attempt in (
        services.create_group(actor=alice.actor, name="Spam", member_ids=[charlie.id, bob.id]),
        services.add_members(actor=alice.actor, group_id=other.id, user_ids=[bob.id, charlie.id]),
    ):
        with pytest.raises(RateLimited) as refused:
            await attempt
        assert refused.value.retry_after
        assert bob.id in str(refused.value.fields)
    assert await groups_of(bob) == {*(group.id for group in made), empty.id}
    # A refusal counts for nobody, and what one makes for oneself does not count.
    assert await services.add_members(actor=alice.actor, group_id=other.id, user_ids=[charlie.id])
    assert await services.create_group(actor=bob.actor, name="Mine")
    assert await services.create_direct(actor=alice.actor, user_id=bob.id)


async def test_who_may_not_add_anybody_uses_nothing_up(
    alice: Person, bob: Person, charlie: Person, group_id: str, settings: Settings
) -> None:
    settings.RATE_LIMITS = {"added_to_groups": Rate(2, 3600)}
    for _ in range(3):
        with pytest.raises(Forbidden):
            await services.add_members(actor=bob.actor, group_id=group_id, user_ids=[charlie.id])
        # Already a member.
        assert await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id]) == {}
    assert await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])


async def test_without_redis_nobody_is_refused(settings: Settings) -> None:
    settings.RATE_LIMITS, settings.REDIS_URL = {"added_to_groups": Rate(1, 3600)}, "redis://127.0.0.1:2/0"
    for _ in range(3):
        await joining_budget.spend(["user_bob"])


async def test_leaving_holds_until_one_comes_back_by_oneself(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    async with serving({}) as server, http_client(server.url, alice) as owner, http_client(server.url, bob) as member:
        assert (await member.post(f"/api/groups/{group_id}/leave")).status_code == 204
        # Nobody has asked.
        assert (await member.post(f"/api/groups/{group_id}/rejoin")).status_code == 404
        for _ in range(2):
            refused = await owner.post(f"/api/groups/{group_id}/members", json={"userIds": [charlie.id, bob.id]})
            assert refused.status_code == 403
            assert f"/groups/{group_id}/rejoin" in str(refused.json()["error"]["fields"]["userIds"])
        assert not {group_id} & (await groups_of(bob) | await groups_of(charlie))
        back = await member.post(f"/api/groups/{group_id}/rejoin")
        assert (back.status_code, back.json()["id"]) == (200, group_id)
        assert group_id in await groups_of(bob)
        # Coming back twice changes nothing.
        head = (await selectors.get_head_position(group_id=group_id)).seq
        assert (await member.post(f"/api/groups/{group_id}/rejoin")).status_code == 200
        assert (await selectors.get_head_position(group_id=group_id)).seq == head
        # Asked once is not asked for ever.
        assert (await member.post(f"/api/groups/{group_id}/leave")).status_code == 204
        assert (await member.post(f"/api/groups/{group_id}/rejoin")).status_code == 404


async def test_an_outsider_comes_into_no_group(alice: Person, charlie: Person, group_id: str) -> None:
    direct = await services.create_direct(actor=alice.actor, user_id=(await person("Dora")).id)
    for wanted in (group_id, direct.id, "group_absent"):
        with pytest.raises(NotFound):
            await services.rejoin_group(actor=charlie.actor, group_id=wanted)
