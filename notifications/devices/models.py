"""Devices as rows of their owner. Each query raises what `store.call` raises.

Whose an endpoint is, is a row of its own: whoever signs in in a browser takes it over from who used it before. The ids
are in the owner's preferences too, which are read for many people together.
"""

import hashlib
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from pynamodb.expressions.condition import size
from pynamodb.transactions import TransactWrite

from dynamodb import store
from notifications.preferences.models import load_rows
from notifications.rows import DEVICE, PREFERENCES, NotificationRow

_OWNER = "device"


@dataclass(frozen=True, slots=True)
class Device:
    """A browser's subscription: where pushes go, for whom they are encrypted (base64url), and whose session it is.

    It takes none after `expires_at`, in seconds since 1970.
    """

    id: str
    user_id: str
    endpoint: str
    public_key: str
    secret: str
    name: str
    session_id: str
    created_at: str
    expires_at: int

    def as_wire(self) -> dict[str, Any]:
        """Return `{"id", "name", "createdAt"}`: whoever has the endpoint may try to push to it."""
        return {"id": self.id, "name": self.name, "createdAt": self.created_at}


def device_id(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()[:32]


async def list_devices(user_id: str, ids: Iterable[str]) -> list[Device]:
    """Return those of these devices that are still the person's, and have not expired, the oldest first."""
    found = await load_rows((user_id, f"{DEVICE}{id_}") for id_ in ids)
    moment = time.time()
    # DynamoDB deletes what has expired some days later.
    alive = [_to_device(row) for row in found.values() if (row.expires_at or 0) > moment]
    return sorted(alive, key=lambda device: (device.created_at, device.id))


async def find_owner(id_: str) -> str | None:
    """Return whose the device is."""
    row = (await load_rows([(_endpoint(id_), _OWNER)])).get((_endpoint(id_), _OWNER))
    return row.owner_id if row else None


async def put(device: Device, *, before: str | None) -> None:
    """Store a device, which was that of `before` until now.

    Raises `ConditionFailed` if it is another's meanwhile, or its person has MAX_DEVICES others.
    """
    expires_at = device.expires_at

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            owner = NotificationRow.owner_id
            condition = owner == before if before else owner.does_not_exist()
            row = NotificationRow(_endpoint(device.id), _OWNER, owner_id=device.user_id, expires_at=expires_at)
            transaction.save(row, condition=condition)
            transaction.save(_to_row(device))
            devices = NotificationRow.devices
            is_space = devices.does_not_exist() | devices.contains(device.id)
            is_space |= size(devices) < settings.MAX_DEVICES  # type: ignore[no-untyped-call]
            row = _preferences(device.user_id)
            transaction.update(row, actions=[devices.add({device.id})], condition=is_space)
            session = NotificationRow(*_session_key(device), expires_at=expires_at)
            transaction.save(session)
            if before and before != device.user_id:
                transaction.delete(NotificationRow(before, f"{DEVICE}{device.id}"))
                transaction.update(_preferences(before), actions=[NotificationRow.devices.delete({device.id})])

    await store.call(transact)


async def delete(device: Device) -> None:
    """Delete a person's device; may be repeated, and leaves one that is another's meanwhile."""

    def transact(*, owned: bool) -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.delete(NotificationRow(device.user_id, f"{DEVICE}{device.id}"))
            transaction.update(_preferences(device.user_id), actions=[NotificationRow.devices.delete({device.id})])
            transaction.delete(NotificationRow(*_session_key(device)))
            if owned:
                condition = NotificationRow.owner_id == device.user_id
                transaction.delete(NotificationRow(_endpoint(device.id), _OWNER), condition=condition)

    try:
        await store.call(transact, owned=True)
    except store.ConditionFailed:
        await store.call(transact, owned=False)


async def drop_expired(user_id: str, id_: str) -> None:
    """Have a device that has expired count no more; leaves one that was added anew."""
    expires_at = NotificationRow.expires_at
    has_expired = expires_at.does_not_exist() | (expires_at <= time.time())

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.delete(NotificationRow(user_id, f"{DEVICE}{id_}"), condition=has_expired)
            transaction.update(_preferences(user_id), actions=[NotificationRow.devices.delete({id_})])

    with suppress(store.ConditionFailed):
        await store.call(transact)


async def list_of_session(session_id: str) -> list[tuple[str, str]]:
    """Return the owners and ids of the devices that a session has added."""

    def query() -> list[tuple[str, str]]:
        rows = NotificationRow.query(f"push-session#{session_id}", consistent_read=True)
        return [(user_id, id_) for user_id, _, id_ in (row.item.partition("#") for row in rows)]

    return await store.call(query)


def _endpoint(id_: str) -> str:
    return f"endpoint#{id_}"


def _preferences(user_id: str) -> NotificationRow:
    return NotificationRow(user_id, PREFERENCES)


def _session_key(device: Device) -> tuple[str, str]:
    return f"push-session#{device.session_id}", f"{device.user_id}#{device.id}"


def _to_row(device: Device) -> NotificationRow:
    return NotificationRow(
        device.user_id,
        f"{DEVICE}{device.id}",
        endpoint=device.endpoint,
        public_key=device.public_key,
        secret=device.secret,
        name=device.name,
        session_id=device.session_id,
        at=device.created_at,
        expires_at=device.expires_at,
    )


def _to_device(row: NotificationRow) -> Device:
    return Device(
        row.item.removeprefix(DEVICE),
        row.user_id,
        row.endpoint or "",
        row.public_key or "",
        row.secret or "",
        row.name or "",
        row.session_id or "",
        row.at or "",
        int(row.expires_at or 0),
    )
