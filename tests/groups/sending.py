"""Helpers that send messages to a group, each under a clientId of its own."""

import asyncio
from typing import Any

from messaging import services
from tests.cast import Person


async def send(person: Person, group_id: str, client_id: str, **more: Any) -> dict[str, Any]:
    content = f"message {client_id}"
    return await services.send_message(
        actor=person.actor, group_id=group_id, content=content, client_id=client_id, **more
    )


async def send_all(person: Person, group_id: str, client_ids: list[str]) -> list[dict[str, Any]]:
    return await asyncio.gather(*(send(person, group_id, client_id) for client_id in client_ids))
