"""Reads of how one is told."""

import asyncio
from typing import Any

from accounts.mail import sends_mail
from notifications.push.vapid import get_vapid
from users import selectors as users
from users.actor import Actor

from . import models


async def get_settings(*, actor: Actor) -> dict[str, Any]:
    """Return how the actor is told: {"push", "mail", "quietFrom"?, "quietUntil"?, "version", "timeZone", "mails",
    "publicKey"}.

    `timeZone` is that of their profile, by whose clock it is quiet, `mails` whether mails can reach them at all, and
    `publicKey` what browsers subscribe with. Raises `Unavailable`.
    """
    stored, vapid, user = await asyncio.gather(
        models.find(actor.user_id), get_vapid(), users.get_user(user_id=actor.user_id)
    )
    return {
        **stored.as_wire(),
        "timeZone": user.time_zone or "UTC",
        "mails": bool(user.email and sends_mail()),
        "publicKey": vapid.public_key,
    }
