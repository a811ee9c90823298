"""Changing how one is told."""

from typing import Any

from accounts.mail import sends_mail
from foundation.errors import Invalid
from notifications.rules import QuietTime
from users.actor import Actor
from users.events import UserUpdated
from users.updates import user_updates

from . import models
from .selectors import get_settings

_NONE: dict[str, Any] = {"quiet_from": None, "quiet_until": None}


async def change_settings(
    *,
    actor: Actor,
    push: bool | None = None,
    mail: bool | None = None,
    quiet: QuietTime | None = None,
    is_never_quiet: bool = False,
) -> dict[str, Any]:
    """Change what is given of how the actor is told, and return what `get_settings` does; their connections are told.

    `quiet` is by the clock of their own time zone, whatever its `zone` says. Raises `Invalid` for mails where this
    server sends none, `Unavailable`.
    """
    if mail and not sends_mail():
        raise Invalid("This server sends no mail.", fields={"mail": ["This server sends no mail."]})
    changes: dict[str, Any] = {} if push is None else {"push": push}
    if mail is not None:
        changes["mail"] = mail
    if is_never_quiet:
        changes |= _NONE
    elif quiet is not None:
        changes |= {"quiet_from": quiet.since, "quiet_until": quiet.until}
    stored = await models.change(actor.user_id, changes)
    user_updates().tell(actor.user_id, UserUpdated.NOTIFICATIONS, {"change": "settings", "settings": stored.as_wire()})
    return await get_settings(actor=actor)
