"""What the tests of what is planned share: plans that are due at once, and whoever does what is due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from messaging.later import rows
from messaging.later.planning import schedule_message
from messaging.later.reminding import remind
from messaging.later.rows import Plan, When
from messaging.selectors import list_messages
from tests.cast import Person, person
from users.due.entry import milliseconds
from users.due.handlers import find_handler
from users.updates import UserUpdates
from workspace.services import set_role_by_operator

FAR = timedelta(days=30)


def soon() -> datetime:
    return datetime.now(UTC) + FAR


async def planned(person: Person, group_id: str, content: str = "later", **more: Any) -> Plan:
    """Plan a message, and return the plan with a time that has come."""
    wire = await schedule_message(actor=person.actor, group_id=group_id, content=content, at=soon(), **more)
    return await _made_due(person, rows.SCHEDULED, wire["scheduled"]["id"])


async def reminded(person: Person, message_id: str) -> Plan:
    """Plan a reminder, and return the plan with a time that has come."""
    wire = await remind(actor=person.actor, message_id=message_id, at=soon())
    return await _made_due(person, rows.REMINDER, wire["reminder"]["id"])


async def _made_due(person: Person, what: str, plan_id: str) -> Plan:
    plan = await rows.find(person.id, what, plan_id)
    assert plan
    return await rows.change(plan, replace(plan, when=When(milliseconds(datetime.now(UTC)) - 5)))


async def do(plan: Plan) -> None:
    """Do what is due of a plan, as the worker does."""
    handler = find_handler(plan.what)
    assert handler
    await handler.handle(plan.entry)


async def give_up(plan: Plan) -> None:
    """Give up what is due of a plan, as the worker does before it sets it aside."""
    handler = find_handler(plan.what)
    assert handler
    await handler.give_up(plan.entry)


async def contents(person: Person, group_id: str) -> list[str]:
    page = await list_messages(actor=person.actor, group_id=group_id)
    return [message["content"] for message in page.messages]


async def state(plan: Plan) -> str | None:
    found = await rows.find(plan.user_id, plan.what, plan.id)
    return found.state if found else None


@pytest.fixture
async def owner() -> Person:
    """Somebody who administers the workspace."""
    someone = await person("Owner")
    with_role = await set_role_by_operator(user_id=someone.id, role="owner")
    return Person(replace(someone.actor, stored_role=with_role.stored_role), someone.token)


@pytest.fixture
async def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, Any]]]:
    """Whom something was told: (user id, kind, change)."""
    recorded: list[tuple[str, str, dict[str, Any]]] = []
    tell = UserUpdates.tell

    def record(self: UserUpdates, user_id: str, kind: str, change: dict[str, Any]) -> None:
        recorded.append((user_id, kind, change))
        tell(self, user_id, kind, change)

    monkeypatch.setattr(UserUpdates, "tell", record)
    return recorded
