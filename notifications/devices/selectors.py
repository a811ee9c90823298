"""Reads of one's own devices."""

from typing import Any

from notifications.preferences import models as preferences
from users.actor import Actor

from . import models


async def list_devices(*, actor: Actor) -> list[dict[str, Any]]:
    """Return the actor's devices, the oldest first: {"id", "name", "createdAt", "current"}.

    `current` is one that this session has added. Raises `Unavailable`.
    """
    ids = (await preferences.find(actor.user_id)).device_ids
    return [
        {**device.as_wire(), "current": device.session_id == actor.session_id}
        for device in await models.list_devices(actor.user_id, ids)
    ]
