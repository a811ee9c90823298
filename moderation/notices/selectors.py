"""Reads of one's own notices. Each raises `Unavailable` while DynamoDB is down."""

from users.actor import Actor

from . import models
from .models import Notice


async def list_notices(*, actor: Actor) -> list[Notice]:
    """Return the actor's notices, the latest first."""
    return await models.list_notices(actor.user_id)


async def count_unread(*, actor: Actor) -> int:
    """Return how many of the actor's notices are unread."""
    return await models.count_unread(actor.user_id)
