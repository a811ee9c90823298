"""A push service, or a name server, that hangs delays nobody but those whose devices are there."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpcore
import pytest
from django.test import override_settings

from bench.notifications.push_service import PushService, push_service
from groups import services as groups
from notifications import sending
from notifications.devices.services import add_device
from notifications.follower import NotificationFollower
from notifications.push import names, origins
from notifications.push.names import Names
from notifications.push.origins import Crowded, Origins, origin_of
from tests.cast import Person, person
from tests.dynamodb.endpoint import until
from tests.messaging.following import entries, name, say

from .telling import device, follow

_LOOPBACK = [(2, 1, 6, "", ("127.0.0.1", 0))]


class HangingResolver:
    """Answers for names of `.slow` when it is let go, and for all others at once."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.asked: list[str] = []

    def look_up(self, host: str) -> list[Any]:
        self.asked.append(host)
        if host.endswith(".slow"):
            self.let_go.wait(60)
        return _LOOPBACK


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[HangingResolver]:
    hanging = HangingResolver()
    monkeypatch.setattr(names, "look_up", hanging.look_up)
    yield hanging
    hanging.let_go.set()


@pytest.fixture
async def scene(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Person, Person, Person, str]]:
    """Alice, Bob and Dora, and their group; nothing that hangs is given up, until the process stops."""
    dora = await person("Dora")
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[dora.id])
    monkeypatch.setattr(sending, "_CLOSE_TIMEOUT", 0.01)
    with override_settings(PUSH_TIMEOUT=60.0):
        yield alice, bob, dora, group_id


async def _add(who: Person, subscription: dict[str, Any], endpoint: str | None = None) -> None:
    keys = subscription["keys"]
    endpoint = endpoint or subscription["endpoint"]
    await add_device(actor=who.actor, endpoint=endpoint, public_key=keys["p256dh"], secret=keys["auth"])


async def _add_hanging(who: Person, service: PushService) -> None:
    subscription = service.subscribe()
    service.slow.add(service.path_of(subscription))
    await _add(who, subscription)


async def _handle(group_id: str, after: int = 0) -> int:
    """Have the follower decide, and not wait for what is sent; return the log's end."""
    log = [entry for entry in await entries(group_id) if int(entry.seq) > after]
    await NotificationFollower().handle(group_id, log, notify=True)
    return int(log[-1].seq)


@pytest.mark.parametrize(
    ("count", "is_known"), [(12, True), (6, False)], ids=["one that has answered", "one that is new, while few hang"]
)
async def test_services_that_hang_delay_no_other(
    scene: tuple[Person, Person, Person, str], service: PushService, count: int, is_known: bool
) -> None:
    alice, bob, dora, group_id = scene
    quick = await device(service, dora)
    after = await _say_to(dora, alice, group_id) if is_known else 0
    came_before, wanted = len(service.received), min(origins.MAX_OF_ALL_NEW, count * origins.MAX_OF_NEW)
    async with AsyncExitStack() as stack:
        hanging = [await stack.enter_async_context(push_service()) for _ in range(count)]
        for each in hanging:
            await _add_hanging(bob, each)
        for _ in range(20):
            await say(alice, group_id, name(bob))
        after = await _handle(group_id, after)
        await until(lambda: sum(len(each.requests) for each in hanging) >= wanted)
        await say(alice, group_id, name(dora))
        await _handle(group_id, after)
        await service.wait_for(came_before + 1)
        assert len(service.to(quick)) == came_before + 1
        # Those that hang were sent no more meanwhile.
        assert sum(len(each.requests) for each in hanging) == wanted
        await sending.close_sending()


async def _say_to(who: Person, author: Person, group_id: str) -> int:
    """Have somebody get a push, so that their push service has answered; return the log's end."""
    await say(author, group_id, name(who))
    await follow(group_id)
    return int((await entries(group_id))[-1].seq)


async def test_a_name_server_that_hangs_delays_no_other(
    scene: tuple[Person, Person, Person, str], service: PushService, resolver: HangingResolver
) -> None:
    alice, bob, dora, group_id = scene
    quick = await device(service, dora)
    after = await _say_to(dora, alice, group_id)
    for number in range(12):
        await _add(bob, service.subscribe(), f"http://n{number}.slow/x")
    await say(alice, group_id, f"{name(bob)} {name(dora)}")
    await _handle(group_id, after)
    await service.wait_for(2)
    assert len(service.to(quick)) == 2
    assert not resolver.let_go.is_set()
    await sending.close_sending()


async def test_a_name_is_looked_up_once_for_all_who_wait(resolver: HangingResolver) -> None:
    looking = Names()
    waiting = [asyncio.create_task(looking.find("one.slow")) for _ in range(20)]
    await until(lambda: bool(resolver.asked))
    resolver.let_go.set()
    assert await asyncio.gather(*waiting) == [("127.0.0.1",)] * 20
    assert await looking.find("one.slow") == ("127.0.0.1",)
    assert resolver.asked == ["one.slow"]
    looking.close()


async def test_who_waits_for_a_name_gives_up_and_known_names_are_found(
    resolver: HangingResolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = Names()
    await looking.find("known.quick")
    monkeypatch.setattr(names, "DEADLINE", 0.05)
    hostile = [looking.find(f"{number}.slow") for number in range(50)]
    failures = await asyncio.gather(*hostile, return_exceptions=True)
    assert all(isinstance(failure, httpcore.ConnectError | Crowded) for failure in failures)
    # All threads of new names are taken; this one's addresses are old, and looked up by those of known names.
    monkeypatch.setattr(names, "_FRESH", 0.0)
    monkeypatch.setattr(names, "_STALE", 0.0)
    monkeypatch.setattr(names, "DEADLINE", 5.0)
    assert await looking.find("known.quick") == ("127.0.0.1",)
    assert len(resolver.asked) == 2 + names._NEW
    looking.close()


async def test_known_addresses_serve_while_they_are_looked_up_again(
    resolver: HangingResolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = Names()
    resolver.let_go.set()
    await looking.find("once.slow")
    resolver.let_go.clear()
    monkeypatch.setattr(names, "_FRESH", 0.0)
    assert await looking.find("once.slow") == ("127.0.0.1",)
    looking.close()


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://push.example.org/x",
        "https://PUSH.example.ORG/y",
        "https://push.example.org:443/z",
        "HTTPS://push.example.org./x",
        "https://Push.Example.org.:443/x",
    ],
)
@pytest.mark.unit
def test_an_origin_is_one_however_it_is_written(endpoint: str) -> None:
    assert origin_of(endpoint) == "https://push.example.org"


@pytest.mark.unit
def test_other_origins_are_others() -> None:
    assert origin_of("https://[2606:4700::1111]/x") == "https://[2606:4700::1111]"
    assert origin_of("http://127.0.0.1:8080/x") == "http://127.0.0.1:8080"


async def test_what_waits_for_a_new_service_goes_out_once_that_has_answered() -> None:
    origin = Origins().get("https://push.example.org")
    answer, sent = asyncio.Event(), []

    async def send(number: int) -> None:
        async with origin.turn():
            sent.append(number)
            await answer.wait()
            origin.answered()

    sending_ = [asyncio.create_task(send(number)) for number in range(40)]
    await until(lambda: len(sent) == origins.MAX_OF_NEW and len(origin.line) == 38)
    assert len(sent) == origins.MAX_OF_NEW
    answer.set()
    await asyncio.gather(*sending_)
    assert sorted(sent) == list(range(40))
    assert (origin.inside, origin.all.inside_new) == (0, 0)


async def test_a_turn_that_nobody_takes_is_the_next_ones() -> None:
    origin = Origins().get("https://push.example.org")
    entered = [origin.turn() for _ in range(origins.MAX_OF_NEW)]
    for turn in entered:
        await turn.__aenter__()

    async def wait() -> None:
        async with origin.turn():
            pass

    first, second = asyncio.create_task(wait()), asyncio.create_task(wait())
    await until(lambda: len(origin.line) == 2)
    await entered[0].__aexit__(None, None, None)
    first.cancel()
    await second
    await entered[1].__aexit__(None, None, None)


async def test_nothing_waits_for_a_service_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "_SLOW", -1.0)
    origin = Origins().get("https://push.example.org")
    origin.answered()
    async with AsyncExitStack() as stack:
        for _ in range(origins.MAX_OF_KNOWN):
            await stack.enter_async_context(origin.turn())
        with pytest.raises(Crowded):
            await stack.enter_async_context(origin.turn())


def test_a_service_that_fails_again_and_again_counts_as_new_and_rests() -> None:
    origin = Origins().get("https://push.example.org")
    origin.answered()
    for _ in range(4):
        assert origin.is_known
        origin.failed()
    assert not origin.is_known
    assert origin.rest > 0


def test_many_new_services_displace_none_that_answers() -> None:
    all_ = Origins()
    known = all_.get("https://push.example.org")
    known.answered()
    for number in range(2_000):
        all_.get(f"https://{number}.example.org")
    assert all_.get("https://push.example.org") is known
