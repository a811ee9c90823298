"""What Clerk's webhooks say is done once, in whatever order they come."""

import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_django import Settings

from foundation.errors import AppError, Forbidden, Invalid, NotFound, TokenExpired, Unauthenticated, Unavailable
from groups import services as groups
from messaging.drafts.services import write_draft
from messaging.later.reminding import remind
from messaging.saved.services import save_message
from messaging.services import send_message
from tests.cast import Person
from tests.users.issuer import Issuer
from users import models, profiles, selectors, user_cache
from users import services as users
from users.clerk import deliveries, services
from users.own_rows import list_own_rows
from users.revoked import RevokedSessions, revoked_sessions

from .fake_clerk import Delivery, FakeClerk, deliver, signed, user_object

pytestmark = pytest.mark.usefixtures("clerk")


async def receive(delivery: Delivery) -> None:
    body, headers = delivery
    await services.receive_webhook(body=body, headers=headers)


async def updated(user_id: str, name: str, at: int, *, kind: str = "user.updated", **more: Any) -> None:
    await receive(deliver(kind, user_object(user_id, first_name=name, last_name=None, updated_at=at, **more)))


async def name_of(user_id: str) -> str:
    return (await selectors.get_user(user_id=user_id)).name


@pytest.fixture
def clerk(clerk: FakeClerk) -> FakeClerk:
    return clerk


# --- names and pictures ----------------------------------------------------------------------------------------------
async def test_a_user_is_there_before_their_first_sign_in(user_id: str) -> None:
    await receive(deliver("user.created", user_object(user_id)))
    user = await selectors.get_user(user_id=user_id)
    assert (user.name, user.email, user.image_url) == ("Ada Lovelace", "ada@example.com", "https://img.clerk.com/ada")


async def test_a_signed_in_users_name_and_picture_follow(clerk: FakeClerk, user_id: str) -> None:
    token = clerk.token(user_id)
    assert (await users.sign_in(token=token)).name == user_id
    await receive(deliver("user.updated", user_object(user_id)))
    assert (await users.sign_in(token=token)).name == "Ada Lovelace"
    await receive(deliver("user.updated", user_object(user_id, image_url=None, email_addresses=[])))
    user = await selectors.get_user(user_id=user_id)
    assert (user.image_url, user.email) == (None, None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"first_name": "Ada", "last_name": None}, "Ada"),
        ({"first_name": None, "last_name": " Lovelace "}, "Lovelace"),
        ({"first_name": None, "last_name": None, "username": "ada"}, "ada"),
        ({"first_name": "A\x00d\u202ea"}, "Ada Lovelace"),
        ({"first_name": "x" * 100}, "x" * 64),
        ({"first_name": None, "last_name": None}, None),
        ({"first_name": 7, "last_name": [], "username": {}}, None),
    ],
)
async def test_a_name_is_what_clerk_has_of_it(user_id: str, changes: dict[str, Any], expected: str | None) -> None:
    await receive(deliver("user.updated", user_object(user_id, **changes)))
    assert await name_of(user_id) == (expected or user_id)


async def test_who_has_no_name_any_more_keeps_the_former(user_id: str) -> None:
    await updated(user_id, "Ada", 1)
    await receive(deliver("user.updated", user_object(user_id, first_name=None, last_name=None, updated_at=2)))
    assert await name_of(user_id) == "Ada"


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
async def test_in_any_order_the_latest_state_stays(user_id: str, order: tuple[int, ...]) -> None:
    for number in order:
        await updated(user_id, f"Ada {number}", 1000 + number, kind="user.created" if number == 0 else "user.updated")
    assert await name_of(user_id) == "Ada 2"
    found = await selectors.find_among_all(query="Ada 2", limit=100)
    assert user_id in {user.id for user in found.users} or found.next_cursor


async def test_the_name_that_clerk_keeps_is_changed_there(clerk: FakeClerk, user_id: str) -> None:
    await updated(user_id, "Ada", 1)
    actor = await users.sign_in(token=clerk.token(user_id))
    with pytest.raises(Forbidden, match="Clerk"):
        await users.update_profile(actor=actor, name="The boss")
    assert await name_of(user_id) == "Ada"


# --- replays, forgeries, nonsense ------------------------------------------------------------------------------------
async def test_a_delivery_is_handled_once(user_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handled = []
    follow = services.follow_profile

    async def counting(**arguments: Any) -> None:
        handled.append(arguments)
        await follow(**arguments)

    monkeypatch.setattr(services, "follow_profile", counting)
    delivery = deliver("user.updated", user_object(user_id))
    for _ in range(3):
        await receive(delivery)
    assert len(handled) == 1


async def test_a_delivery_that_failed_is_handled_when_it_is_repeated(
    user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*args: Any, **more: Any) -> None:
        raise Unavailable

    delivery = deliver("user.updated", user_object(user_id))
    with monkeypatch.context() as broken:
        broken.setattr(profiles, "follow_issuer", fail)
        with pytest.raises(Unavailable):
            await receive(delivery)
    await receive(delivery)
    assert await name_of(user_id) == "Ada Lovelace"


async def test_a_replay_that_nobody_remembers_changes_nothing(user_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(delivery_id: str) -> bool:
        return False

    old = deliver("user.updated", user_object(user_id, updated_at=1))
    await receive(old)
    await updated(user_id, "Countess", 2)
    monkeypatch.setattr(deliveries, "was_handled", never)
    await receive(old)
    assert await name_of(user_id) == "Countess"
    await receive(deliver("user.deleted", {"id": user_id, "deleted": True}))
    await receive(old)
    assert (await selectors.get_user(user_id=user_id)).is_removed


async def test_a_forgery_changes_nothing(user_id: str) -> None:
    body, headers = deliver("user.updated", user_object(user_id))
    with pytest.raises(Unauthenticated):
        await receive((body.replace(b"Ada", b"Eve"), headers))
    assert await models.get(user_id) is None


async def test_without_a_secret_there_is_no_such_door(user_id: str, settings: Settings) -> None:
    delivery = deliver("user.updated", user_object(user_id))
    settings.CLERK_WEBHOOK_SIGNING_SECRET = ""
    with pytest.raises(NotFound):
        await receive(delivery)
    settings.CLERK_WEBHOOK_SIGNING_SECRET, settings.LOCAL_ISSUER = "whsec_abc", True
    with pytest.raises(NotFound):
        await receive(delivery)


_NO_USERS: tuple[Any, ...] = ([], {}, {"id": "user_1"}, "x", None, user_object("user#1"))
NONSENSE = [
    *("", "[]", "7", "null", "{", "{}", '{"type": "user.updated"}', '{"type": 7, "data": {}}', "[" * 100_000),
    *(json.dumps({"type": "user.updated", "data": data}) for data in _NO_USERS),
    *(json.dumps({"type": "user.updated", "data": {"id": "u", "updated_at": at}}) for at in ("1", None, -1, True, 1.5)),
    *(json.dumps({"type": "user.deleted", "data": {"id": user}}) for user in (None, 7, "", "a#b", ["a"])),
    *(json.dumps({"type": "session.ended", "data": {"id": session}}) for session in (None, 7, "", "s" * 129)),
]


@pytest.mark.parametrize("body", NONSENSE)
async def test_nonsense_is_refused_even_with_a_signature(body: str) -> None:
    with pytest.raises((Invalid, Unauthenticated)):
        await receive((body.encode(), signed(body)))


@pytest.mark.parametrize("kind", ["session.created", "organization.created", "email.created", "user.dreamt"])
async def test_what_does_not_concern_this_server_passes(user_id: str, kind: str) -> None:
    await receive(deliver(kind, {"id": user_id}))
    assert await models.get(user_id) is None


# --- ends ------------------------------------------------------------------------------------------------------------
@pytest.fixture
async def other_process() -> AsyncIterator[RevokedSessions]:
    sessions = RevokedSessions()
    yield sessions
    await sessions.close()


@pytest.mark.parametrize("kind", ["session.ended", "session.removed", "session.revoked"])
async def test_a_session_that_ends_at_clerk_ends_here(
    clerk: FakeClerk, user_id: str, kind: str, other_process: RevokedSessions
) -> None:
    ended, other = (clerk.token(user_id, sid=f"{user_id}_{number}") for number in (1, 2))
    await receive(deliver(kind, {"id": f"{user_id}_1", "user_id": user_id, "status": "revoked"}))
    with pytest.raises(TokenExpired):
        await users.sign_in(token=ended)
    assert (await users.sign_in(token=other)).user_id == user_id
    await other_process.poll()
    assert f"{user_id}_1" in other_process


async def test_who_is_removed_cannot_come_in_again(
    clerk: FakeClerk, user_id: str, other_process: RevokedSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await users.sign_in(token=clerk.token(user_id))
    await receive(deliver("user.deleted", {"id": user_id, "object": "user", "deleted": True}))
    with pytest.raises(TokenExpired):
        await users.sign_in(token=clerk.token(user_id))
    # Much later, and in a process that was not there.
    monkeypatch.setattr(revoked_sessions(), "_known", {})
    user_cache.clear()
    with pytest.raises(Unauthenticated):
        await users.sign_in(token=clerk.token(user_id, name="Ada again"))


async def test_of_who_is_removed_the_name_is_left(clerk: FakeClerk, user_id: str) -> None:
    await receive(deliver("user.created", user_object(user_id, first_name=user_id, last_name=None)))
    await receive(deliver("user.deleted", {"id": user_id}))
    user = await selectors.get_user(user_id=user_id)
    assert (user.name, user.email, user.image_url, user.is_removed) == (user_id, None, None, True)
    assert (await selectors.find_among_all(query=user_id)).users == []


async def test_what_was_kept_for_who_is_removed_alone_is_deleted(clerk: FakeClerk, user_id: str) -> None:
    await receive(deliver("user.created", user_object(user_id)))
    actor = await users.sign_in(token=clerk.token(user_id))
    group_id = (await groups.create_group(actor=actor, name="Harbour")).id
    sent = await send_message(actor=actor, group_id=group_id, content="ahoy")
    await write_draft(actor=actor, group_id=group_id, content="unsent")
    await save_message(actor=actor, message_id=sent["message"]["id"], action="add")
    await remind(actor=actor, message_id=sent["message"]["id"], when="1_hour")
    assert len(await list_own_rows(user_id, "draft#")) == 1
    assert len(await list_own_rows(user_id, "saved")) == 2
    await receive(deliver("user.deleted", {"id": user_id}))
    assert await list_own_rows(user_id, "draft#") + await list_own_rows(user_id, "saved") == []
    assert await list_own_rows(user_id, "later") == []


async def test_who_is_removed_before_anything_else_is_heard_stays_away(clerk: FakeClerk, user_id: str) -> None:
    await receive(deliver("user.deleted", {"id": user_id}))
    await receive(deliver("user.created", user_object(user_id)))
    with pytest.raises(AppError):
        await users.sign_in(token=clerk.token(user_id))
    assert (await selectors.get_user(user_id=user_id)).is_removed


async def test_nobody_puts_a_removed_user_into_a_group(user_id: str, settings: Settings) -> None:
    await receive(deliver("user.created", user_object(user_id)))
    await receive(deliver("user.deleted", {"id": user_id}))
    settings.LOCAL_ISSUER = True
    alice = await _alice()
    with pytest.raises(Invalid):
        await groups.create_group(actor=alice.actor, name="Harbour", member_ids=[user_id])


async def _alice() -> Person:
    from tests.cast import person
    from users import tokens

    tokens.configured_verifier.cache_clear()
    return await person("Alice")


async def test_an_end_that_other_processes_may_not_hear_of_is_repeated(
    user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def untold(*args: Any) -> bool:
        return False

    delivery = deliver("user.deleted", {"id": user_id})
    with monkeypatch.context() as without_redis:
        without_redis.setattr(revoked_sessions(), "revoke", untold)
        with pytest.raises(Unavailable):
            await receive(delivery)
    await receive(delivery)


async def test_keys_of_another_instance_open_nothing(clerk: FakeClerk, user_id: str) -> None:
    stranger = Issuer()
    with pytest.raises(Unauthenticated):
        await users.sign_in(token=stranger.token(iss=clerk.url, azp=None, sub=user_id))
