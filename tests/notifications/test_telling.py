"""Who is told of what: by the log, what people have set, and what they may read at that moment."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.notifications.push_service import PushService
from groups import memberships
from groups import services as groups
from groups.blocking.services import block_user, unblock_user
from messaging import services
from messaging.threads.services import set_following
from notifications.preferences.services import change_settings
from notifications.rules import QuietTime
from presence import selectors as presence
from tests.cast import Person
from tests.messaging.following import name, say

from .telling import cause, device, follow, set_own, why


async def test_who_is_named_is_told(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    his, hers = await device(service, bob), await device(service, alice)
    message = await say(alice, group_id, f"ahoy {name(bob)}, **look**")
    await follow(group_id)
    (told,) = service.to(his)
    assert told["title"] == f"{alice.actor.name} in Harbour"
    assert told["body"] == f"ahoy @{bob.actor.name}, **look**"
    assert (told["messageId"], told["tag"]) == (message, group_id)
    assert told["url"] == f"/groups/{group_id}/messages/{message.rpartition('.')[2]}"
    assert service.to(hers) == []
    assert (await why(bob, message), await cause(bob, message)) == ("told", "named")
    assert await why(alice, message) == "own"


async def test_it_is_told_once_however_often_it_is_handled(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    his = await device(service, bob)
    message = await say(alice, group_id, name(bob))
    for _ in range(3):
        await follow(group_id)
    await services.edit_message(actor=alice.actor, message_id=message, content=f"again {name(bob)}")
    await follow(group_id)
    assert len(service.to(his)) == 1


async def test_others_of_a_group_are_not_told(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    his = await device(service, bob)
    message = await say(alice, group_id, "nobody in particular")
    await follow(group_id)
    assert (service.to(his), await why(bob, message)) == ([], "not_named")


async def test_levels(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    his = await device(service, bob)
    await set_own(bob, group_id, level="all")
    message = await say(alice, group_id, "to all ears")
    await follow(group_id)
    assert (len(service.to(his)), await cause(bob, message)) == (1, "level")
    await set_own(bob, group_id, level="nothing")
    named = await say(alice, group_id, name(bob))
    await follow(group_id)
    assert (len(service.to(his)), await why(bob, named)) == (1, "nothing")


async def test_a_muted_group_tells_nothing_until_it_is_over(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    his = await device(service, bob)
    await set_own(bob, group_id, muted=True)
    message = await say(alice, group_id, name(bob))
    await follow(group_id)
    assert (service.to(his), await why(bob, message)) == ([], "muted")
    await set_own(bob, group_id, muted=False)
    # It is not told afterwards: that was decided.
    await follow(group_id)
    assert (service.to(his), await why(bob, message)) == ([], "muted")
    await set_own(bob, group_id, muted=True, muted_until=datetime.now(UTC) + timedelta(hours=1))
    other = await say(alice, group_id, name(bob))
    await follow(group_id)
    assert (service.to(his), await why(bob, other)) == ([], "muted")


async def test_everybody_is_named(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    his, hers = await device(service, bob), await device(service, alice)
    message = await say(alice, group_id, "<!all> on deck")
    await follow(group_id)
    assert ([each["body"] for each in service.to(his)], service.to(hers)) == (["@all on deck"], [])
    assert await cause(bob, message) == "everybody"


async def test_a_direct_conversation_tells_everything(alice: Person, bob: Person, service: PushService) -> None:
    his = await device(service, bob)
    direct = (await groups.create_direct(actor=alice.actor, user_id=bob.id)).id
    await say(alice, direct, "psst")
    await follow(direct)
    (told,) = service.to(his)
    assert (told["title"], told["body"]) == (alice.actor.name, "psst")
    (received,) = [each for each in service.received if each.payload == told]
    assert received.headers["urgency"] == "high"
    await set_own(bob, direct, level="mentions")
    message = await say(alice, direct, "psst?")
    await follow(direct)
    assert (len(service.to(his)), await why(bob, message)) == (1, "not_named")


async def test_who_follows_a_thread_is_told_of_replies(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    his = await device(service, bob)
    root = await say(bob, group_id, "who is there?")
    reply = await say(alice, group_id, "me", to=root)
    await follow(group_id)
    (told,) = service.to(his)
    assert (told["body"], told["tag"], await cause(bob, reply)) == (
        "me",
        f"{group_id}.{root.rpartition('.')[2]}",
        "thread",
    )
    await set_following(actor=bob.actor, message_id=root, following=False)
    other = await say(alice, group_id, "still me", to=root)
    await follow(group_id, after=int(reply.rpartition(".")[2]))
    assert (len(service.to(his)), await why(bob, other)) == (1, "not_named")


async def test_an_edit_tells_whom_it_names(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    his = await device(service, bob)
    message = await say(alice, group_id, "ahoy")
    await follow(group_id)
    await services.edit_message(actor=alice.actor, message_id=message, content=f"ahoy {name(bob)}")
    await follow(group_id)
    assert [each["body"] for each in service.to(his)] == [f"ahoy @{bob.actor.name}"]


async def test_what_was_deleted_is_not_told(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    his = await device(service, bob)
    message = await say(alice, group_id, name(bob))
    await services.delete_message(actor=alice.actor, message_id=message)
    await follow(group_id)
    assert (service.to(his), await why(bob, message)) == ([], "deleted")


async def test_who_has_blocked_the_author_is_not_told(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    his = await device(service, bob)
    await set_own(bob, group_id, level="all")
    await block_user(actor=bob.actor, user_id=alice.id)
    message = await say(alice, group_id, f"hey {name(bob)}")
    await follow(group_id)
    assert (service.to(his), await why(bob, message)) == ([], "blocked")
    await unblock_user(actor=bob.actor, user_id=alice.id)
    # What was written meanwhile stays without effect.
    await follow(group_id)
    assert service.to(his) == []


async def test_who_was_removed_is_not_told(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    his = await device(service, bob)
    await set_own(bob, group_id, level="all")
    await say(alice, group_id, name(bob))
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    await follow(group_id)
    assert service.to(his) == []


async def test_it_is_quiet_in_quiet_time(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    his = await device(service, bob)
    now = datetime.now(UTC)
    around = QuietTime(f"{now - timedelta(hours=1):%H:%M}", f"{now + timedelta(hours=1):%H:%M}")
    await change_settings(actor=bob.actor, quiet=around)
    message = await say(alice, group_id, name(bob))
    await follow(group_id)
    assert (service.to(his), await why(bob, message)) == ([], "quiet")
    await change_settings(actor=bob.actor, is_never_quiet=True)
    await say(alice, group_id, name(bob))
    await follow(group_id)
    assert len(service.to(his)) == 1


async def test_nothing_while_one_is_active(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def online(*, user_ids: object) -> dict[str, str]:
        return {bob.id: "online"}

    monkeypatch.setattr(presence, "statuses_of", online)
    his = await device(service, bob)
    message = await say(alice, group_id, name(bob))
    await follow(group_id)
    assert (service.to(his), await why(bob, message)) == ([], "active")


async def test_who_wants_no_pushes_or_has_no_device(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    message = await say(alice, group_id, name(bob))
    await follow(group_id)
    assert await why(bob, message) == "no_device"
    his = await device(service, bob)
    await change_settings(actor=bob.actor, push=False)
    message = await say(alice, group_id, name(bob))
    await follow(group_id)
    assert (service.to(his), await why(bob, message)) == ([], "push_off")


async def test_an_older_level_counts_too(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    # As a version before this follower has written it.
    await memberships.change_own(bob.id, group_id, {"level": "all"})
    his = await device(service, bob)
    await say(alice, group_id, "for all ears")
    await follow(group_id)
    assert len(service.to(his)) == 1
