"""Links by which people join a group: as often and as long as they say."""

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from foundation.errors import Forbidden, Invalid, NotFound
from groups import selectors as group_selectors
from groups import services as groups
from groups.invitations import models, selectors, services
from groups.models import find_members
from groups.rows import GroupRow
from tests.cast import Person, person
from users import profiles


async def make(maker: Person, group_id: str, **more: Any) -> tuple[str, str]:
    """Return the token and the id of a new link."""
    made = await services.make_link(actor=maker.actor, group_id=group_id, **more)
    return parse_qs(urlsplit(made.address).query)["link"][0], made.link.id


async def is_member(person: Person, group_id: str) -> bool:
    return person.id in await find_members(group_id, [person.id])


async def test_somebody_joins_by_a_link_as_a_member(alice: Person, charlie: Person, group_id: str) -> None:
    token, link_id = await make(alice, group_id, note="for the harbour")
    seen = await selectors.read_link(actor=charlie.actor, token=token)
    assert (seen["id"], seen["memberCount"], seen["isMember"]) == (group_id, 2, False)
    assert (await services.join_by_link(actor=charlie.actor, token=token)).id == group_id
    (member,) = (await find_members(group_id, [charlie.id])).values()
    assert member.role == "member"
    # It is used up.
    assert await selectors.list_links(actor=alice.actor, group_id=group_id) == []
    with pytest.raises(NotFound):
        await services.join_by_link(actor=(await person("Dora")).actor, token=token)
    assert await models.get(group_id, link_id) is not None


async def test_a_member_uses_nothing_up(alice: Person, bob: Person, group_id: str) -> None:
    token, link_id = await make(alice, group_id)
    head = (await group_selectors.get_head_position(group_id=group_id)).seq
    for _ in range(2):
        await services.join_by_link(actor=bob.actor, token=token)
    assert (await selectors.read_link(actor=bob.actor, token=token))["isMember"]
    assert (await group_selectors.get_head_position(group_id=group_id)).seq == head
    link = await models.get(group_id, link_id)
    assert link is not None
    assert link.used == 0


async def test_of_many_at_once_as_many_join_as_it_says(alice: Person, group_id: str) -> None:
    token, _ = await make(alice, group_id, uses=3)
    guests = await asyncio.gather(*(person("Guest") for _ in range(8)))
    results = await asyncio.gather(
        *(services.join_by_link(actor=guest.actor, token=token) for guest in guests), return_exceptions=True
    )
    assert sum(not isinstance(result, Exception) for result in results) == 3
    assert all(isinstance(result, NotFound) for result in results if isinstance(result, Exception))
    assert len(await find_members(group_id, [guest.id for guest in guests])) == 3


async def test_one_person_who_joins_many_times_at_once_uses_one(alice: Person, charlie: Person, group_id: str) -> None:
    token, link_id = await make(alice, group_id, uses=5)
    await asyncio.gather(*(services.join_by_link(actor=charlie.actor, token=token) for _ in range(5)))
    link = await models.get(group_id, link_id)
    assert link is not None
    assert link.used == 1


async def test_it_ends_by_itself(alice: Person, charlie: Person, group_id: str) -> None:
    token, link_id = await make(alice, group_id, expires_in=60)
    link = await models.get(group_id, link_id)
    assert link is not None
    await models.put(replace(link, expires_at=link.expires_at - 61))
    for attempt in (services.join_by_link, selectors.read_link):
        with pytest.raises(NotFound):
            await attempt(actor=charlie.actor, token=token)
    assert await selectors.list_links(actor=alice.actor, group_id=group_id) == []
    # It is deleted once there is another one.
    await make(alice, group_id)
    assert await models.get(group_id, link_id) is None


async def test_it_is_void_once_revoked(alice: Person, charlie: Person, group_id: str) -> None:
    token, link_id = await make(alice, group_id, uses=9)
    await services.revoke_link(actor=alice.actor, group_id=group_id, link_id=link_id)
    with pytest.raises(NotFound):
        await services.join_by_link(actor=charlie.actor, token=token)
    with pytest.raises(NotFound):
        await services.revoke_link(actor=alice.actor, group_id=group_id, link_id=link_id)


async def test_it_is_void_while_its_maker_may_not_invite(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    await groups.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role="admin")
    token, _ = await make(bob, group_id, uses=9)
    await groups.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role="member")
    with pytest.raises(NotFound):
        await services.join_by_link(actor=charlie.actor, token=token)
    await groups.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role="admin")
    await services.join_by_link(actor=charlie.actor, token=token)
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    with pytest.raises(NotFound):
        await services.join_by_link(actor=(await person("Dora")).actor, token=token)


async def test_it_is_void_once_its_maker_was_removed_from_the_server(
    alice: Person, charlie: Person, group_id: str
) -> None:
    token, _ = await make(alice, group_id)
    await profiles.remove(alice.id)
    with pytest.raises(NotFound):
        await services.join_by_link(actor=charlie.actor, token=token)


async def test_each_act_is_in_the_audit_log_without_the_token(
    alice: Person, charlie: Person, group_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="workspace.audit")
    token, link_id = await make(alice, group_id, uses=2)
    await services.join_by_link(actor=charlie.actor, token=token)
    await services.revoke_link(actor=alice.actor, group_id=group_id, link_id=link_id)
    acts = [record.getMessage() for record in caplog.records if record.name == "workspace.audit"]
    assert [act.split()[0] for act in acts] == [f"invitation_link.{act}" for act in ("make", "use", "revoke")]
    assert all(link_id in act and group_id in act for act in acts)
    assert token.rpartition(".")[2] not in caplog.text


async def test_who_left_or_was_removed_comes_back_by_a_link(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    token, _ = await make(alice, group_id, uses=9)
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
    await groups.leave_group(actor=bob.actor, group_id=group_id)
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=charlie.id)
    for back in (bob, charlie):
        await services.join_by_link(actor=back.actor, token=token)
        assert await is_member(back, group_id)
    # As somebody who is back, they may be removed and added as anybody.
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    assert await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])


async def test_managers_alone_make_see_and_revoke_links(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    _, link_id = await make(alice, group_id)
    for actor, error in ((bob.actor, Forbidden), (charlie.actor, NotFound)):
        for attempt in (
            services.make_link(actor=actor, group_id=group_id),
            selectors.list_links(actor=actor, group_id=group_id),
            services.revoke_link(actor=actor, group_id=group_id, link_id=link_id),
        ):
            with pytest.raises(error):
                await attempt


async def test_a_link_whose_maker_may_not_invite_is_listed_as_void(alice: Person, bob: Person, group_id: str) -> None:
    await groups.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role="admin")
    (_, of_alice), (_, of_bob) = await make(alice, group_id), await make(bob, group_id)

    async def void() -> set[str]:
        links = await selectors.list_links(actor=alice.actor, group_id=group_id)
        assert {link.id for link in links} == {of_alice, of_bob}
        assert all(link.as_wire().get("void", False) == link.is_void for link in links)
        return {link.id for link in links if link.is_void}

    assert await void() == set()
    await groups.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role="member")
    assert await void() == {of_bob}
    # It may be revoked, or work again.
    await groups.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role="admin")
    assert await void() == set()


async def test_there_is_no_link_to_a_conversation(alice: Person, bob: Person) -> None:
    for people in ([alice.id], [bob.id]):
        direct = await groups.create_direct(actor=alice.actor, user_ids=people)
        with pytest.raises(Invalid):
            await services.make_link(actor=alice.actor, group_id=direct.id)


async def test_a_group_has_so_many_links(alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_LINKS", 2)
    _, first = await make(alice, group_id)
    await make(alice, group_id)
    with pytest.raises(Invalid):
        await make(alice, group_id)
    await services.revoke_link(actor=alice.actor, group_id=group_id, link_id=first)
    await make(alice, group_id)


async def test_the_table_has_a_digest_and_no_token(alice: Person, group_id: str) -> None:
    token, link_id = await make(alice, group_id)
    secret = token.rpartition(".")[2]
    rows = [row.attribute_values for row in GroupRow.query(group_id, consistent_read=True)]
    assert secret not in str(rows)
    assert link_id in str(rows)
    listed = await selectors.list_links(actor=alice.actor, group_id=group_id)
    assert secret not in str([link.as_wire() for link in listed])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: "",
        lambda token: "x",
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.replace("~", "-"),
        lambda token: token.partition("~")[2],
        lambda token: "group_absent~" + token.partition("~")[2],
        lambda token: token.replace("invite_", "invite_x"),
        lambda token: token + "x",
        lambda token: "\u200b" + token,
        lambda token: "~." + token,
        lambda token: token * 5,
    ],
)
async def test_what_is_no_token_is_the_same_as_one_that_is_over(
    alice: Person, charlie: Person, group_id: str, spoil: Any
) -> None:
    token, _ = await make(alice, group_id)
    for attempt in (services.join_by_link, selectors.read_link):
        with pytest.raises(NotFound) as refused:
            await attempt(actor=charlie.actor, token=spoil(token))
        assert refused.value.message == "This link is not valid, or not any more: ask whoever sent it for a new one."
    assert not await is_member(charlie, group_id)
