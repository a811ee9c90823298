"""Someone who signed in for the first time a moment ago can be added at once, and is shown by name."""

import orjson
import pytest

from groups import services
from realtime.hub.change import Change
from realtime.hub.hub import get_hub
from tests.cast import Person, person
from tests.lagging_replica import LaggingReplica


@pytest.fixture
async def published(monkeypatch: pytest.MonkeyPatch) -> list[Change]:
    """All changes that the hub publishes."""
    changes: list[Change] = []
    publish = get_hub().publish

    def record(name: str, published: list[Change]) -> None:
        changes.extend(published)
        publish(name, published)

    monkeypatch.setattr(get_hub(), "publish", record)
    return changes


def names_in(changes: list[Change]) -> set[str]:
    return {member["name"] for change in changes for member in orjson.loads(change.data)["members"]}


async def test_to_a_group(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch, published: list[Change]
) -> None:
    guest = await person("Guest")
    LaggingReplica(monkeypatch)
    assert await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[guest.id]) == {guest.id: "member"}
    assert names_in(published) == {guest.actor.name}


async def test_to_a_new_group(alice: Person, monkeypatch: pytest.MonkeyPatch, published: list[Change]) -> None:
    guests = [await person("Guest") for _ in range(2)]
    LaggingReplica(monkeypatch)
    await services.create_group(actor=alice.actor, name="New", member_ids=[guest.id for guest in guests])
    assert names_in(published) == {alice.actor.name, *(guest.actor.name for guest in guests)}


async def test_to_a_direct_conversation(
    alice: Person, monkeypatch: pytest.MonkeyPatch, published: list[Change]
) -> None:
    guest = await person("Guest")
    LaggingReplica(monkeypatch)
    await services.create_direct(actor=alice.actor, user_id=guest.id)
    assert names_in(published) == {alice.actor.name, guest.actor.name}
