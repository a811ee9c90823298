"""Devices: whose they are, how many, and when they end."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as conf
from django.test import override_settings

from bench.notifications.browser import Browser
from bench.notifications.push_service import PushService
from foundation.errors import Invalid, NotFound, Unauthenticated, Unavailable
from notifications.devices import models, services
from notifications.devices.selectors import list_devices
from notifications.devices.services import add_device, remove_device, remove_of_session, send_test
from notifications.push.vapid import _known, get_vapid
from tests.cast import Person
from tests.messaging.following import name, say
from users.own_rows import erase_own_rows
from users.revoked import revoked_sessions
from users.roles import ADMIN
from workspace import services as workspace

from .telling import device, follow

PUBLIC = "https://push.example.org/one"


async def _add(who: Person, endpoint: str, **more: str) -> str:
    browser = Browser()
    keys = {"public_key": browser.keys["p256dh"], "secret": browser.keys["auth"]}
    added = await add_device(actor=who.actor, endpoint=endpoint, **{**keys, **more})
    id_: str = added["id"]
    return id_


async def _names(who: Person) -> list[str]:
    return [each["name"] for each in await list_devices(actor=who.actor)]


async def test_it_is_added_once_and_removed(alice: Person, bob: Person) -> None:
    id_ = await _add(alice, PUBLIC, name="Fox")
    assert await _add(alice, PUBLIC) == id_
    assert await _names(alice) == ["Fox"]
    (shown,) = await list_devices(actor=alice.actor)
    assert shown.keys() == {"id", "name", "createdAt", "current"}
    with pytest.raises(NotFound):
        await remove_device(actor=bob.actor, device_id=id_)
    await remove_device(actor=alice.actor, device_id=id_)
    assert await _names(alice) == []
    with pytest.raises(NotFound):
        await remove_device(actor=alice.actor, device_id=id_)


async def test_who_signs_in_in_a_browser_takes_it_over(
    alice: Person, bob: Person, charlie: Person, group_id: str, service: PushService
) -> None:
    subscription = await device(service, alice)
    keys = subscription["keys"]
    endpoint = subscription["endpoint"]
    await add_device(actor=bob.actor, endpoint=endpoint, public_key=keys["p256dh"], secret=keys["auth"])
    assert (await list_devices(actor=alice.actor), len(await list_devices(actor=bob.actor))) == ([], 1)
    await say(bob, group_id, name(alice))
    await follow(group_id)
    assert service.received == []


async def test_two_who_add_the_same_at_once_have_it_once(alice: Person, bob: Person, charlie: Person) -> None:
    endpoint = f"https://push.example.org/{alice.id}"
    await asyncio.gather(*(_add(who, endpoint) for who in (alice, bob, charlie)))
    owners = [who for who in (alice, bob, charlie) if await list_devices(actor=who.actor)]
    assert len(owners) == 1


async def test_there_are_so_many_at_most(alice: Person) -> None:
    with override_settings(MAX_DEVICES=2):
        for number in range(2):
            await _add(alice, f"{PUBLIC}/{alice.id}/{number}")
        with pytest.raises(Invalid):
            await _add(alice, f"{PUBLIC}/{alice.id}/2")
        await _add(alice, f"{PUBLIC}/{alice.id}/1")
    assert len(await list_devices(actor=alice.actor)) == 2


async def test_there_are_so_many_at_most_also_if_they_are_added_at_once(alice: Person) -> None:
    with override_settings(MAX_DEVICES=2):
        adding = (_add(alice, f"{PUBLIC}/{alice.id}/{number}") for number in range(5))
        outcomes = await asyncio.gather(*adding, return_exceptions=True)
    added = sum(isinstance(outcome, str) for outcome in outcomes)
    assert 1 <= added <= 2
    assert len(await list_devices(actor=alice.actor)) == added


async def test_one_that_has_expired_does_not_count(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    with override_settings(MAX_DEVICES=1):
        began = int(time.time()) - conf.SESSION_LIFETIME + 100
        await _add(replace(alice, actor=replace(alice.actor, started_at=began)), f"{PUBLIC}/{alice.id}/1")
        moment = time.time() + 101
        monkeypatch.setattr("notifications.devices.models.time.time", lambda: moment)
        await _add(alice, f"{PUBLIC}/{alice.id}/2")
    assert len(await list_devices(actor=alice.actor)) == 1


async def test_it_ends_with_its_session(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    await device(service, bob)
    await say(alice, group_id, name(bob))
    await revoked_sessions().revoke(bob.actor.session_id, bob.actor.expires_at)
    # Whoever sends looks at the session, also before the device is removed.
    await follow(group_id)
    assert (service.received, await list_devices(actor=bob.actor)) == ([], [])


async def test_it_ends_when_its_session_does_by_itself(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    began = int(time.time()) - conf.SESSION_LIFETIME + 100
    alice = replace(alice, actor=replace(alice.actor, started_at=began))
    await _add(alice, f"{PUBLIC}/{alice.id}")
    assert len(await list_devices(actor=alice.actor)) == 1
    moment = time.time() + 101
    monkeypatch.setattr("notifications.devices.models.time.time", lambda: moment)
    assert await list_devices(actor=alice.actor) == []


async def test_a_session_that_ends_takes_its_devices_along(alice: Person) -> None:
    await _add(alice, f"{PUBLIC}/{alice.id}")
    await remove_of_session("sess_of_somebody")
    assert len(await list_devices(actor=alice.actor)) == 1
    await remove_of_session(alice.actor.session_id)
    assert await list_devices(actor=alice.actor) == []


async def test_a_session_that_ended_while_the_store_was_away_takes_its_devices_along(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _add(alice, f"{PUBLIC}/{alice.id}")
    monkeypatch.setattr(services, "_REMOVAL_BASE", 0.0)
    list_of_session, failures = models.list_of_session, iter(range(2))

    async def away_at_first(session_id: str) -> list[tuple[str, str]]:
        if next(failures, None) is not None:
            raise Unavailable
        return await list_of_session(session_id)

    monkeypatch.setattr(models, "list_of_session", away_at_first)
    await services._remove_all({alice.actor.session_id})
    assert await list_devices(actor=alice.actor) == []


async def test_one_that_is_added_while_its_session_ends_is_removed(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = models.put

    async def too_late(device: models.Device, **more: Any) -> None:
        await revoked_sessions().revoke(alice.actor.session_id, alice.actor.expires_at)
        await put(device, **more)

    monkeypatch.setattr(models, "put", too_late)
    with pytest.raises(Unauthenticated):
        await _add(alice, f"{PUBLIC}/{alice.id}")
    assert await list_devices(actor=alice.actor) == []


async def test_who_is_deactivated_has_none_left(alice: Person, bob: Person) -> None:
    await workspace.set_role_by_operator(user_id=alice.id, role=ADMIN)
    await _add(bob, f"{PUBLIC}/{bob.id}")
    await workspace.deactivate(actor=replace(alice.actor, stored_role=ADMIN), user_id=bob.id)
    assert await list_devices(actor=bob.actor) == []


async def test_one_that_is_gone_is_removed(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    gone, there = await device(service, bob), await device(service, bob)
    path = service.path_of(gone)
    service.answers[path] = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
    await say(alice, group_id, name(bob))
    await follow(group_id)
    assert (len(service.to(there)), len(await list_devices(actor=bob.actor))) == (1, 1)


async def test_a_push_to_oneself(alice: Person, bob: Person, service: PushService) -> None:
    with pytest.raises(NotFound):
        await send_test(actor=alice.actor)
    hers, his = await device(service, alice), await device(service, bob)
    (outcome,) = (await send_test(actor=alice.actor))["devices"]
    assert outcome["outcome"] == "sent"
    assert ([each["title"] for each in service.to(hers, "test")], service.to(his, "test")) == (
        ["Notifications work"],
        [],
    )


async def test_nothing_is_left_of_who_is_removed(alice: Person) -> None:
    await _add(alice, f"{PUBLIC}/{alice.id}")
    await erase_own_rows(alice.id)
    assert await list_devices(actor=alice.actor) == []


async def test_the_key_of_the_server_is_made_once() -> None:
    first = (await get_vapid()).public_key
    _known().clear()
    assert (await get_vapid()).public_key == first
