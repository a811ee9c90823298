"""What is planned for a time of day follows the rules of its zone as they are when it is due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from foundation.errors import Invalid
from messaging.later import rows
from messaging.later.planning import schedule_message
from messaging.later.reminding import remind
from messaging.later.rows import REMINDER, SCHEDULED, Plan, When
from messaging.services import send_message
from tests.cast import Person
from users import profiles
from users.due.entry import milliseconds
from users.wall_time import WallTime

from .conftest import contents, do, planned, state

Told = list[tuple[str, str, dict[str, Any]]]
_GONE = "Europe/Atlantis"


async def _plan(bob: Person, group_id: str, what: str) -> Plan:
    """Plan something for tomorrow, by the clock of a zone."""
    at = (datetime.now(UTC) + timedelta(days=1)).replace(tzinfo=None, microsecond=0)
    if what == SCHEDULED:
        wire = await schedule_message(actor=bob.actor, group_id=group_id, content="x", at=at, time_zone="UTC")
    else:
        message_id = (await send_message(actor=bob.actor, group_id=group_id, content="x"))["message"]["id"]
        wire = await remind(actor=bob.actor, message_id=message_id, at=at, time_zone="UTC")
    plan = await rows.find(bob.id, what, wire[what]["id"])
    assert plan
    return plan


@pytest.mark.parametrize("what", [SCHEDULED, REMINDER])
async def test_what_new_rules_have_moved_is_moved_and_told(bob: Person, group_id: str, told: Told, what: str) -> None:
    plan = await _plan(bob, group_id, what)
    # Its moment was worked out an hour too early, by other rules.
    early = await rows.change(plan, replace(plan, when=When(plan.when.at - 3600_000, plan.when.wall)))
    told.clear()
    await do(early)
    moved = await rows.find(bob.id, what, plan.id)
    assert moved
    assert (moved.when, moved.state) == (plan.when, rows.WAITING)
    assert [(kind, change["change"], change[what]) for _, kind, change in told] == [(what, "changed", moved.as_wire())]


async def test_a_zone_that_is_known_no_more_holds_nothing_back(bob: Person, group_id: str) -> None:
    plan = await planned(bob, group_id, "in spite of it")
    wall = WallTime(datetime(2026, 1, 1, 9), _GONE)
    plan = await rows.change(plan, replace(plan, when=When(milliseconds(datetime.now(UTC)) - 5, wall)))
    await do(plan)
    assert "in spite of it" in await contents(bob, group_id)
    assert await state(plan) is None


async def test_a_profile_s_zone_that_is_known_no_more_is_asked_for(bob: Person, group_id: str) -> None:
    message_id = (await send_message(actor=bob.actor, group_id=group_id, content="x"))["message"]["id"]
    await profiles.change(bob.id, own={"time_zone": _GONE})
    with pytest.raises(Invalid) as raised:
        await remind(actor=bob.actor, message_id=message_id, when="tomorrow")
    assert list(raised.value.fields or ()) == ["timeZone"]
