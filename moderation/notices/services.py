"""Telling a person something, and reading it."""

from foundation.errors import NotFound
from foundation.ids import now
from moderation.case import Thing
from users.actor import Actor
from users.events import UserUpdated
from users.updates import user_updates

from . import models
from .models import Notice


async def warn(*, user_id: str, notice_id: str, thing: Thing, text: str) -> None:
    """Tell a user something about a thing of theirs, once under this id; the caller has checked that the actor may."""
    notice = Notice(notice_id, now(), text, thing)
    if await models.put(user_id, notice):
        user_updates().tell(user_id, UserUpdated.NOTICE, {"notice": notice.as_wire()})


async def read_notice(*, actor: Actor, notice_id: str) -> None:
    """Mark a notice of the actor as read; idempotent. Raises `NotFound`, `Unavailable`."""
    known = {notice.id: notice for notice in await models.list_notices(actor.user_id)}
    if notice_id not in known:
        raise NotFound
    if known[notice_id].read_at is None and await models.mark_read(actor.user_id, notice_id):
        read = {notice.id: notice for notice in await models.list_notices(actor.user_id)}[notice_id]
        user_updates().tell(actor.user_id, UserUpdated.NOTICE, {"notice": read.as_wire()})
