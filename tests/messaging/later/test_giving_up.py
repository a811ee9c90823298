"""What fails each time is no secret, and holds nobody: its author learns that it was not sent, and can drop it."""

import asyncio
from typing import Any

import pytest

from messaging.later import rows, sending
from messaging.later.planning import cancel_scheduled
from messaging.later.rows import REMINDER, SCHEDULED, Plan
from messaging.services import send_message
from tests.cast import Person

from .conftest import contents, do, give_up, planned, reminded, state

Told = list[tuple[str, str, dict[str, Any]]]


async def _dies(*args: object, **kwargs: object) -> None:
    raise asyncio.CancelledError


async def _begun(monkeypatch: pytest.MonkeyPatch, plan: Plan, module: object, name: str) -> None:
    """Have the process die with a plan that it has taken, where it calls this."""
    with monkeypatch.context() as patched:
        patched.setattr(module, name, _dies)
        with pytest.raises(asyncio.CancelledError):
            await do(plan)
    assert await state(plan) == rows.TAKEN


async def test_a_message_that_is_given_up_is_refused_and_can_be_dropped(
    monkeypatch: pytest.MonkeyPatch, bob: Person, group_id: str, told: Told
) -> None:
    plan = await planned(bob, group_id, "never")
    await _begun(monkeypatch, plan, sending, "send_message")
    await give_up(plan)
    change = [change for user_id, kind, change in told if (user_id, kind) == (bob.id, SCHEDULED)][-1]
    assert (change["change"], change[SCHEDULED]["error"]["code"]) == ("refused", "unavailable")
    await do(plan)  # an operator has it tried again: its author was told that it was not sent
    assert "never" not in await contents(bob, group_id)
    await cancel_scheduled(actor=bob.actor, scheduled_id=plan.id)
    assert await state(plan) is None


async def test_a_message_that_was_sent_is_not_refused_when_it_is_given_up(
    monkeypatch: pytest.MonkeyPatch, bob: Person, group_id: str, told: Told
) -> None:
    plan = await planned(bob, group_id, "sent")
    await _begun(monkeypatch, plan, rows, "mark_sent")
    await give_up(plan)
    assert [change["change"] for _, kind, change in told if kind == SCHEDULED][-1] == "done"
    assert (await contents(bob, group_id)).count("sent") == 1
    assert await state(plan) is None


async def test_a_reminder_that_is_in_the_inbox_ends_and_another_stays(
    monkeypatch: pytest.MonkeyPatch, bob: Person, group_id: str
) -> None:
    message_id = (await send_message(actor=bob.actor, group_id=group_id, content="milk"))["message"]["id"]
    waits, taken = await reminded(bob, message_id), await reminded(bob, message_id)
    await _begun(monkeypatch, taken, rows, "finish")
    for plan in (waits, taken):
        assert plan.what == REMINDER
        await give_up(plan)
    assert (await state(waits), await state(taken)) == (rows.WAITING, None)
