"""One group has what the list says of it, and a direct conversation its other person."""

import pytest

from foundation.errors import NotFound
from groups import selectors, services
from messaging import services as messages
from tests.cast import Person


async def test_a_group_is_as_in_the_list(alice: Person, bob: Person, charlie: Person, group_id: str) -> None:
    for content in ("one", "two"):
        await messages.send_message(actor=alice.actor, group_id=group_id, content=content)
    await messages.mark_read(actor=bob.actor, group_id=group_id, seq=3)
    detail = await selectors.get_group_detail(actor=bob.actor, group_id=group_id)
    (summary,) = (await selectors.list_groups(actor=bob.actor)).groups
    assert summary.as_wire().items() <= detail.items()
    assert (detail["role"], detail["unread"], detail["createdBy"]) == ("member", 1, alice.id)
    with pytest.raises(NotFound):
        await selectors.get_group_detail(actor=charlie.actor, group_id=group_id)


async def test_a_direct_conversation_names_the_other_person(alice: Person, bob: Person) -> None:
    direct = await services.create_direct(actor=alice.actor, user_id=bob.id)
    for me, other in ((alice, bob), (bob, alice)):
        detail = await selectors.get_group_detail(actor=me.actor, group_id=direct.id)
        assert detail["peer"] == {"id": other.id, "name": other.actor.name}
        assert detail["name"] == other.actor.name
        (summary,) = (await selectors.list_groups(actor=me.actor)).groups
        assert summary.as_wire()["peer"] == detail["peer"]
