"""Adding and removing one's devices, and a push to oneself."""

import asyncio
import logging
import time
from dataclasses import replace
from typing import Any

from django.conf import settings

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Invalid, NotFound, Unauthenticated, Unavailable
from foundation.ids import now
from foundation.limits import bucket, shared
from foundation.tasks import create_background_task
from notifications.contents import test_push
from notifications.delivering import send_to
from notifications.preferences import models as preferences
from notifications.push import addresses, encryption
from notifications.push.client import GONE, SENT
from users.actor import Actor
from users.events import UserUpdated
from users.revoked import is_over, revoked_sessions
from users.updates import user_updates

from . import models
from .models import Device, device_id

logger = logging.getLogger(__name__)

_ATTEMPTS, _BASE, _CAP = 8, 0.02, 0.2
# How often it is tried to remove the devices of a session that has ended: for minutes.
_REMOVALS, _REMOVAL_BASE, _REMOVAL_CAP = 14, 0.5, 60.0


async def add_device(*, actor: Actor, endpoint: str, public_key: str, secret: str, name: str = "") -> dict[str, Any]:
    """Have a browser take pushes for the actor, as long as this session goes on; whose it was before gets none.

    Returns {"id", "name", "createdAt"}; repeated, it is the same device. Raises `Invalid` for an address that leads
    into a private network, for keys that are none, and beyond MAX_DEVICES; `Unauthenticated` if the session ends
    meanwhile; `RateLimited`, `Unavailable`.
    """
    if problem := addresses.problem_of(endpoint):
        raise Invalid(problem, fields={"endpoint": [problem]})
    if problems := encryption.problem_of_keys(public_key, secret):
        raise Invalid(next(iter(problems.values()))[0], fields=problems)
    id_ = device_id(endpoint)
    new = Device(
        id_, actor.user_id, endpoint, public_key, secret, name, actor.session_id, now(), _end_of_session(actor)
    )
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        known = await _list_all(actor.user_id)
        before = next((device for device in known if device.id == id_), None)
        if before is None and len(known) >= settings.MAX_DEVICES:
            sentence = f"You have {settings.MAX_DEVICES} devices: remove one first."
            raise Invalid(sentence, fields={"endpoint": [sentence]})
        if before is not None:
            if _is_same(before, new):
                return before.as_wire()
            # A page that signs in anew says no name.
            new = replace(new, name=name or before.name, created_at=before.created_at)
        bucket.draw("message", actor.user_id)
        try:
            await models.put(new, before=await models.find_owner(id_))
        except store.ConditionFailed:
            await asyncio.sleep(delay)
            continue
        await _require_session(new)
        _tell(actor.user_id)
        return new.as_wire()
    raise Unavailable


async def _list_all(user_id: str) -> list[Device]:
    """Return a person's devices, after those that have expired are dropped: they would count against MAX_DEVICES."""
    ids = (await preferences.find(user_id)).device_ids
    known = await models.list_devices(user_id, ids)
    for id_ in ids - {device.id for device in known}:
        await models.drop_expired(user_id, id_)
    return known


async def _require_session(device: Device) -> None:
    """Remove a device again whose session has ended while it was added; whoever has ended it may not have seen it."""
    if is_over(revoked_sessions(), session_id=device.session_id, user_id=device.user_id):
        await models.delete(device)
        raise Unauthenticated


def _end_of_session(actor: Actor) -> int:
    """Return when the actor's session ends, in seconds since 1970; a provider's, of which that is not known, later."""
    began = int(time.time()) if actor.started_at is None else actor.started_at
    return began + int(settings.SESSION_LIFETIME)


def _is_same(device: Device, other: Device) -> bool:
    return (device.public_key, device.secret, device.session_id) == (other.public_key, other.secret, other.session_id)


async def remove_device(*, actor: Actor, device_id: str) -> None:
    """Have a device of the actor take no more pushes. Raises `NotFound` where there is none, `Unavailable`."""
    found = await models.list_devices(actor.user_id, [device_id])
    if not found:
        raise NotFound
    await models.delete(found[0])
    _tell(actor.user_id)


async def send_test(*, actor: Actor) -> dict[str, Any]:
    """Push to all devices of the actor, and return {"devices": [{"id", "name", "outcome"}]}.

    `outcome` is `sent`, `gone` (the device was removed) or `failed`. Raises `NotFound` where there is no device,
    `RateLimited`, `Unavailable`.
    """
    await shared.count(["test_push"], actor.user_id)
    known = await models.list_devices(actor.user_id, (await preferences.find(actor.user_id)).device_ids)
    if not known:
        raise NotFound("No device takes notifications for you yet.")
    answers = await send_to(known, test_push())
    wires = []
    for device, answer in answers:
        outcome = answer.outcome if answer.outcome in (SENT, GONE) else "failed"
        wires.append({"id": device.id, "name": device.name, "outcome": outcome})
    return {"devices": wires}


def _tell(user_id: str) -> None:
    user_updates().tell(user_id, UserUpdated.NOTIFICATIONS, {"change": "devices"})


# --- sessions that end -----------------------------------------------------------------------------------------------
def remove_with_sessions() -> None:
    """From now on, remove the devices of each session that ends, in whatever process."""
    revoked_sessions().add_listener(_on_revoked)


def _on_revoked(ended: set[str]) -> None:
    create_background_task(_remove_all(ended))


async def _remove_all(ended: set[str]) -> None:
    # Of the keys of users that are among them there are no such devices.
    for session_id in ended:
        await _remove_in_time(session_id)


async def _remove_in_time(session_id: str) -> None:
    """Remove the devices of a session, also if that must wait for some minutes until the store is back."""
    for delay in backoff(_REMOVALS, base=_REMOVAL_BASE, cap=_REMOVAL_CAP):
        try:
            await remove_of_session(session_id)
            return
        except Unavailable:
            await asyncio.sleep(delay)
    # Whoever sends to one of them looks at its session too, as long as it is known that it has ended.
    logger.warning("the devices of a session that has ended could not be removed")


async def remove_all_devices(user_id: str) -> None:
    """Remove all devices of somebody who may not come in any more; may be repeated, raises `Unavailable`."""
    for device in await models.list_devices(user_id, (await preferences.find(user_id)).device_ids):
        await models.delete(device)


async def remove_of_session(session_id: str) -> None:
    """Remove the devices that a session has added, and no other has since; raises `Unavailable`."""
    for user_id, id_ in await models.list_of_session(session_id):
        for device in await models.list_devices(user_id, [id_]):
            if device.session_id == session_id:
                await models.delete(device)
