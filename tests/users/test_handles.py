"""A handle is one person's, whoever else wants it at the same moment, and for a while after they have given it up."""

import asyncio
import time
from uuid import uuid4

import pytest

from foundation.errors import Invalid
from tests.cast import Person, person
from users import models, selectors, services
from users.handles import KEPT_SECONDS, require_handle
from users.user import User

from .test_profiles import fields_of


def new_handle() -> str:
    return f"h{uuid4().hex[:16]}"


async def owner_of(handle: str) -> str | None:
    key = (f"handle#{handle.lower()}", "handle")
    row = (await models.load([key])).get(key)
    return row.owner_id if row else None


@pytest.mark.unit
@pytest.mark.parametrize("typed", ["ada", "Ada.Lovelace", "a1", "a-b_c.d", "x" * 30, " @ada "])
def test_a_handle_is_taken_as_it_is_typed(typed: str) -> None:
    assert require_handle(typed) == typed.strip().removeprefix("@")


@pytest.mark.unit
@pytest.mark.parametrize(
    "typed",
    [
        *("", "@", "a", "x" * 31, ".ada", "ada.", "-a", "a b", "a@b", "a#b", "a/b", "ada\n.", "\u00f6mer"),
        # What looks like another: a Cyrillic letter, a direction mark, full width.
        *("\u0430da", "a\u202eda", "\uff41da", "a\u200bda"),
        *("me", "ALL", "h.e.r.e", "Admin", "support", "every_one", "channel"),
    ],
)
def test_another_handle_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as raised:
        require_handle(typed)
    assert list(raised.value.fields or ()) == ["handle"]


async def test_of_two_who_want_a_handle_at_once_one_has_it() -> None:
    people = [await person(f"Racer {number}") for number in range(6)]
    handle = new_handle()
    tries = [handle.upper() if number % 2 else handle for number in range(6)]
    results = await asyncio.gather(
        *(services.update_profile(actor=one.actor, handle=typed) for one, typed in zip(people, tries, strict=True)),
        return_exceptions=True,
    )
    winners = [result for result in results if isinstance(result, User)]
    assert len(winners) == 1
    assert all(isinstance(error, Invalid) and error.fields for error in results if not isinstance(error, User))
    assert await owner_of(handle) == winners[0].id
    stored = [await selectors.get_user(user_id=one.id) for one in people]
    assert [user.id for user in stored if user.handle] == [winners[0].id]


async def test_whoever_has_a_handle_may_write_it_otherwise(alice: Person) -> None:
    handle = new_handle()
    await services.update_profile(actor=alice.actor, handle=handle)
    user = await services.update_profile(actor=alice.actor, handle=handle.upper())
    assert user.handle == handle.upper()
    assert user.as_wire()["handle"] == handle.upper()


async def test_a_former_handle_is_kept_for_whoever_had_it(alice: Person, bob: Person) -> None:
    first, second, third = new_handle(), new_handle(), new_handle()
    for handle in (first, second):
        await services.update_profile(actor=alice.actor, handle=handle)
    assert await fields_of(services.update_profile(actor=bob.actor, handle=first)) == ["handle"]
    assert (await services.update_profile(actor=alice.actor, handle=first)).handle == first
    # Of several former ones, the last: nobody keeps many from the others.
    await services.update_profile(actor=alice.actor, handle=third)
    assert (await services.update_profile(actor=bob.actor, handle=second)).handle == second
    assert await fields_of(services.update_profile(actor=bob.actor, handle=first)) == ["handle"]


async def test_a_former_handle_is_free_after_its_time(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = new_handle()
    await services.update_profile(actor=alice.actor, handle=handle)
    assert (await services.update_profile(actor=alice.actor, handle="")).handle is None
    assert await fields_of(services.update_profile(actor=bob.actor, handle=handle)) == ["handle"]
    later = time.time() + KEPT_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert (await services.update_profile(actor=bob.actor, handle=handle)).handle == handle
    assert await fields_of(services.update_profile(actor=alice.actor, handle=handle)) == ["handle"]


@pytest.fixture
async def alice() -> Person:
    return await person("Alice")


@pytest.fixture
async def bob() -> Person:
    return await person("Bob")
