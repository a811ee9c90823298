"""What a guest has planned is done as that of anybody else, in the groups that they are in, and there alone."""

import pytest

from foundation.errors import NotFound
from groups import services as groups
from messaging.inbox.selectors import list_inbox
from messaging.later import rows
from messaging.later.planning import schedule_message
from messaging.later.reminding import remind
from messaging.later.selectors import list_reminders, list_scheduled
from messaging.services import send_message
from tests.cast import Person
from tests.workspace.cast import person_of
from users.roles import GUEST
from workspace.services import set_role_by_operator

from .conftest import contents, do, planned, reminded, soon, state


@pytest.fixture
async def guest(alice: Person, group_id: str) -> Person:
    """A guest of the workspace, in one group of Alice's."""
    someone = await person_of(GUEST)
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[someone.id])
    return someone


async def test_a_guest_plans_a_message_and_a_reminder(alice: Person, guest: Person, group_id: str) -> None:
    plan = await planned(guest, group_id, "from a guest")
    sent = (await send_message(actor=alice.actor, group_id=group_id, content="remember"))["message"]["id"]
    reminder = await reminded(guest, sent)
    await do(plan)
    await do(reminder)
    assert "from a guest" in await contents(alice, group_id)
    (item,) = (await list_inbox(actor=guest.actor))["items"]
    assert (item["kind"], item["message"]["id"]) == ("reminder", sent)


async def test_whoever_becomes_a_guest_meanwhile_goes_on(alice: Person, bob: Person, group_id: str) -> None:
    plan = await planned(bob, group_id, "as a guest by now")
    await set_role_by_operator(user_id=bob.id, role=GUEST)
    await do(plan)
    assert "as a guest by now" in await contents(alice, group_id)


async def test_a_guest_plans_nothing_where_they_are_not(alice: Person, guest: Person) -> None:
    elsewhere = (await groups.create_group(actor=alice.actor, name="Elsewhere", member_ids=[])).id
    sent = (await send_message(actor=alice.actor, group_id=elsewhere, content="secret"))["message"]["id"]
    with pytest.raises(NotFound):
        await schedule_message(actor=guest.actor, group_id=elsewhere, content="hello", at=soon())
    with pytest.raises(NotFound):
        await remind(actor=guest.actor, message_id=sent, at=soon())
    assert (await list_scheduled(actor=guest.actor))["scheduled"] == []
    assert (await list_reminders(actor=guest.actor))["reminders"] == []


async def test_what_a_guest_has_planned_ends_when_they_are_taken_out(
    alice: Person, guest: Person, group_id: str
) -> None:
    sent = (await send_message(actor=alice.actor, group_id=group_id, content="remember"))["message"]["id"]
    plan, reminder = await planned(guest, group_id, "too late"), await reminded(guest, sent)
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=guest.id)
    await do(plan)
    await do(reminder)
    assert "too late" not in await contents(alice, group_id)
    assert (await state(plan), await state(reminder)) == (rows.REFUSED, None)
    assert (await list_inbox(actor=guest.actor))["items"] == []
    (refused,) = (await list_scheduled(actor=guest.actor))["scheduled"]
    assert refused["error"]["code"] == "not_found"
