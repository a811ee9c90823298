"""Who may put somebody into groups, and begin conversations with them: others ask, and they join by themselves."""

import pytest
from pytest_django import Settings

from dynamodb import store
from foundation.errors import Forbidden, NotFound, RateLimited, Unavailable
from foundation.ids import now
from foundation.limits.rates import Rate
from groups import asked, reach
from groups import selectors as group_selectors
from groups import services as groups
from groups.asked import MustBeAsked
from groups.invitations import selectors, services
from groups.provided.following import follow_groups
from messaging.group_deletion import delete_group
from tests.cast import Person, person
from users import privacy
from users import selectors as users
from users.updates import user_updates


async def set_by(person: Person, addable_by: str) -> None:
    await privacy.set_addable_by(actor=person.actor, addable_by=addable_by)


async def groups_of(person: Person) -> set[str]:
    return await group_selectors.list_group_ids(user_id=person.id)


async def invitations_of(person: Person) -> list[str]:
    return [each["groupId"] for each in await selectors.list_invitations(actor=person.actor)]


async def test_who_lets_nobody_add_them_is_asked_and_joins(alice: Person, charlie: Person, group_id: str) -> None:
    await set_by(charlie, "nobody")
    dora = await person("Dora")
    for _ in range(2):
        with pytest.raises(MustBeAsked) as refused:
            await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[dora.id, charlie.id])
        assert refused.value.user_ids == [charlie.id]
        assert "invitations" in str(refused.value.fields)
    assert not {group_id} & (await groups_of(charlie) | await groups_of(dora))
    (invitation,) = await selectors.list_invitations(actor=charlie.actor)
    assert (invitation["groupId"], invitation["askedBy"]) == (group_id, {"id": alice.id, "name": alice.actor.name})
    assert (await groups.rejoin_group(actor=charlie.actor, group_id=group_id)).id == group_id
    assert group_id in await groups_of(charlie)
    assert await invitations_of(charlie) == []


async def test_asked_once_is_not_asked_for_ever(alice: Person, charlie: Person, group_id: str) -> None:
    await set_by(charlie, "nobody")
    with pytest.raises(MustBeAsked):
        await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
    # Asked, they change their mind about others, and are added after all: then removed, they are outside.
    await set_by(charlie, "everyone")
    assert await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
    assert await invitations_of(charlie) == []
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=charlie.id)
    assert await invitations_of(charlie) == []
    with pytest.raises(NotFound):
        await groups.rejoin_group(actor=charlie.actor, group_id=group_id)


async def test_who_declines_is_asked_no_longer(alice: Person, charlie: Person, group_id: str) -> None:
    await set_by(charlie, "nobody")
    with pytest.raises(MustBeAsked):
        await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
    for _ in range(2):
        await services.decline_invitation(actor=charlie.actor, group_id=group_id)
    assert await invitations_of(charlie) == []
    with pytest.raises(NotFound):
        await groups.rejoin_group(actor=charlie.actor, group_id=group_id)


async def test_who_has_left_finds_that_they_are_asked_back(alice: Person, bob: Person, group_id: str) -> None:
    await groups.leave_group(actor=bob.actor, group_id=group_id)
    assert await invitations_of(bob) == []
    with pytest.raises(MustBeAsked):
        await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    assert await invitations_of(bob) == [group_id]
    await services.decline_invitation(actor=bob.actor, group_id=group_id)
    with pytest.raises(NotFound):
        await groups.rejoin_group(actor=bob.actor, group_id=group_id)


async def test_those_who_share_a_group_are_known_and_no_others(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    await set_by(bob, "known")
    other = await groups.create_group(actor=alice.actor, name="Quay")
    assert await groups.add_members(actor=alice.actor, group_id=other.id, user_ids=[bob.id])
    strange = await groups.create_group(actor=charlie.actor, name="Strange")
    with pytest.raises(MustBeAsked):
        await groups.add_members(actor=charlie.actor, group_id=strange.id, user_ids=[bob.id])


async def test_a_conversation_makes_nobody_known(alice: Person, bob: Person) -> None:
    await groups.create_direct(actor=alice.actor, user_id=bob.id)
    await set_by(bob, "known")
    group = await groups.create_group(actor=alice.actor, name="Quay")
    with pytest.raises(MustBeAsked):
        await groups.add_members(actor=alice.actor, group_id=group.id, user_ids=[bob.id])


async def test_a_new_group_has_the_others_and_asks_who_must_be(alice: Person, bob: Person, charlie: Person) -> None:
    await set_by(bob, "nobody")
    for _ in range(2):
        group = await groups.create_group(
            actor=alice.actor, name="Quay", member_ids=[bob.id, charlie.id], client_id="once"
        )
        assert group.id in await groups_of(charlie)
        assert group.id not in await groups_of(bob)
        assert await invitations_of(bob) == [group.id]
    # A retry asks nobody anew.
    await services.decline_invitation(actor=bob.actor, group_id=group.id)
    await groups.create_group(actor=alice.actor, name="Quay", member_ids=[bob.id, charlie.id], client_id="once")
    assert await invitations_of(bob) == []


async def test_nobody_begins_a_conversation_with_who_does_not_want_it(
    alice: Person, bob: Person, charlie: Person
) -> None:
    await set_by(bob, "nobody")
    for people in ([bob.id], [bob.id, charlie.id]):
        with pytest.raises(Forbidden) as refused:
            await groups.create_direct(actor=alice.actor, user_ids=people)
        assert bob.actor.name in str((refused.value.fields or {})["userIds"])
    # They begin one themselves; then it is there for both.
    begun = await groups.create_direct(actor=bob.actor, user_id=alice.id)
    assert (await groups.create_direct(actor=alice.actor, user_id=bob.id)).id == begun.id
    assert await groups.create_direct(actor=bob.actor, user_id=bob.id)


async def test_somebody_is_asked_so_often(alice: Person, bob: Person, settings: Settings) -> None:
    await set_by(bob, "nobody")
    settings.RATE_LIMITS = {"added_to_groups": Rate(1, 3600)}
    made = [await groups.create_group(actor=alice.actor, name="Spam") for _ in range(2)]
    with pytest.raises(MustBeAsked):
        await groups.add_members(actor=alice.actor, group_id=made[0].id, user_ids=[bob.id])
    with pytest.raises(RateLimited):
        await groups.add_members(actor=alice.actor, group_id=made[1].id, user_ids=[bob.id])
    assert await invitations_of(bob) == [made[0].id]


async def test_a_group_that_is_no_more_asks_nobody(alice: Person, bob: Person) -> None:
    await set_by(bob, "nobody")
    group = await groups.create_group(actor=alice.actor, name="Quay")
    with pytest.raises(MustBeAsked):
        await groups.add_members(actor=alice.actor, group_id=group.id, user_ids=[bob.id])
    await delete_group(actor=alice.actor, group_id=group.id)
    assert await invitations_of(bob) == []
    with pytest.raises(NotFound):
        await groups.rejoin_group(actor=bob.actor, group_id=group.id)


async def test_own_devices_are_told_of_the_setting(alice: Person) -> None:
    before = await users.get_revision(user_id=alice.id)
    await set_by(alice, "known")
    await user_updates().wait()
    assert await users.get_revision(user_id=alice.id) == before + 1


async def test_whoever_has_come_in_is_asked_no_longer(
    alice: Person, charlie: Person, group_id: str, settings: Settings
) -> None:
    await set_by(charlie, "nobody")
    settings.OIDC_GROUPS = {"engineering": [group_id]}

    async def ask() -> None:
        with pytest.raises(MustBeAsked):
            await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
        assert await asked.is_asked(charlie.id, group_id)

    await ask()
    await follow_groups(charlie.id, frozenset(["engineering"]))
    assert not await asked.is_asked(charlie.id, group_id)
    # Of a former version, and once more by a withdrawal.
    await store.call(asked.asked_row(charlie.id, group_id).save)
    await follow_groups(charlie.id, frozenset())
    assert not await asked.is_asked(charlie.id, group_id)
    await ask()
    await set_by(charlie, "everyone")
    assert await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
    assert not await asked.is_asked(charlie.id, group_id)


async def test_a_creation_that_goes_on_forgets_that_somebody_was_asked(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(group_id: str, user_ids: list[str], *, asked_by: str) -> list[str]:
        return []

    async def ask_and_fail(group_id: str, user_ids: list[str], *, asked_by: str) -> list[str]:
        await asked.ask(group_id, user_ids, asked_by=asked_by)
        # They let themselves be added meanwhile.
        monkeypatch.setattr(reach, "ask_reserved", nobody)
        raise Unavailable

    monkeypatch.setattr(reach, "ask_reserved", ask_and_fail)
    with pytest.raises(Unavailable):
        await groups.create_group(actor=alice.actor, name="Quay", member_ids=[bob.id], client_id="c1")
    group = await groups.create_group(actor=alice.actor, name="Quay", member_ids=[bob.id], client_id="c1")
    assert group.id in await groups_of(bob)
    assert not await asked.is_asked(bob.id, group.id)


async def test_what_counts_for_nothing_hides_no_invitation(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_by(bob, "nobody")
    # He is in the one, and the others are no more.
    stale = [group_id, "group_", "group_-"]
    for each in stale:
        row = asked.asked_row(bob.id, each)
        row.created_at = now()
        await store.call(row.save)
    group = await groups.create_group(actor=alice.actor, name="Quay", member_ids=[bob.id])
    monkeypatch.setattr(asked, "MAX_LISTED", 2)
    assert await invitations_of(bob) == [group.id]
    assert [await asked.is_asked(bob.id, each) for each in stale] == [False, False, False]
    assert await invitations_of(bob) == [group.id]
