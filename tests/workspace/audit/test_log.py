"""The audit log: acts are kept, in the order of time, found by what they are, and swept when they are too old."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pytest_django import Settings

from foundation import origin
from foundation.errors import Forbidden, Unavailable
from foundation.ids import to_wire
from tests.cast import Person
from workspace import audit
from workspace.audit import models, queue, selectors, services, sweeping
from workspace.audit.act import MANY, Act
from workspace.audit.models import Filter
from workspace.audit.queue import Queue
from workspace.audit.refusals import MAX_DISTINCT

from .reading import acts


@pytest.fixture(autouse=True)
async def nothing_is_too_old(settings: Settings) -> None:
    """What a test says is swept, and not by whoever has noted the first act of this day."""
    settings.AUDIT_DAYS = 0
    await sweeping.close()


@pytest.fixture
def thing() -> str:
    """An id that no other test names."""
    return f"thing_{uuid4().hex}"


async def _write(thing: str, *times: datetime) -> list[Act]:
    written = [
        Act(to_wire(at), "thing.move", "user_mover", {"thing": thing, "number": n}) for n, at in enumerate(times)
    ]
    for day in {act.day for act in written}:
        await models.add_day(day)
    await models.add(written)
    return written


@pytest.fixture
def administrator(alice: Person, settings: Settings) -> Person:
    settings.ADMINISTRATORS = frozenset([alice.id])
    return alice


async def test_an_act_is_kept_with_who_did_it_and_from_where(alice: Person, thing: str) -> None:
    origin.note_address("192.0.2.9")
    await audit.record("thing.move", by=alice.actor, thing=thing, moved_to=["a", "b"], fast=True, times=3, why=None)
    (act,) = await acts(about=thing)
    assert (act.act, act.by, act.session, act.address) == (
        *("thing.move", alice.id),
        *(alice.actor.session_id, "192.0.2.9"),
    )
    assert act.about == {"thing": thing, "movedTo": ["a", "b"], "fast": True, "times": 3}
    assert act.as_wire()["sessionId"] == alice.actor.session_id


async def test_the_session_is_that_of_the_request_if_it_is_of_who_acts(alice: Person, bob: Person, thing: str) -> None:
    origin.note_session(alice.id, alice.actor.session_id)
    await audit.record("thing.move", by=alice.id, thing=thing)
    await audit.record("thing.drop", by=bob.id, thing=thing)
    dropped, moved = await acts(about=thing)
    assert (moved.session, dropped.session) == (alice.actor.session_id, None)


async def test_what_it_keeps_of_an_act_is_bounded(thing: str) -> None:
    await audit.record("thing.move", by="x" * 1000, thing=thing, much="y" * 1000, many=[str(n) for n in range(1000)])
    (act,) = await acts(about=thing)
    assert len(act.by) == len(act.about["much"]) == 200
    assert len(act.about["many"]) == 50


async def test_pages_go_back_in_time_over_days_without_acts(thing: str) -> None:
    today = datetime.now(UTC)
    written = await _write(thing, *(today - timedelta(days=days, seconds=days) for days in (0, 1, 9, 9, 40, 75)))
    found, start, pages = [], None, 0
    while True:
        page = await models.list_acts(Filter(about=thing), start=start, limit=2)
        found += page.acts
        pages += 1
        if page.end is None:
            break
        start = page.end
    assert [act.key for act in found] == sorted((act.key for act in written), reverse=True)
    assert pages >= 3


async def test_acts_are_found_by_what_they_are(thing: str) -> None:
    other = f"thing_{uuid4().hex}"
    moment = datetime.now(UTC).replace(microsecond=0)
    await _write(thing, moment - timedelta(seconds=2), moment - timedelta(seconds=1), moment)
    await audit.record("other.move", by="user_other", things=[thing, other])
    assert [act.act for act in await acts(about=thing)] == ["other.move", *["thing.move"] * 3]
    assert [act.by for act in await acts(about=other)] == ["user_other"]
    assert len(await acts(about=thing, act="thing.")) == 3
    assert len(await acts(about=thing, by="user_mover", act="thing.move")) == 3
    assert await acts(about=thing, act="move") == []
    late, early = to_wire(moment), to_wire(moment - timedelta(seconds=1))
    assert [act.about["number"] for act in await acts(about=thing, act="thing.", before=late)] == [1, 0]
    assert [act.about["number"] for act in await acts(about=thing, act="thing.", after=early)] == [2, 1]
    assert [act.about["number"] for act in await acts(about=thing, before=late, after=early)] == [1]
    assert await acts(about=thing, before=early, after=late) == []


async def test_a_page_that_looks_at_many_acts_ends_before_all(thing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "MAX_LOOKED_AT", 4)
    monkeypatch.setattr(models, "A_READ", 2)
    moment = datetime.now(UTC) - timedelta(days=500)
    written = await _write(thing, *(moment - timedelta(seconds=n) for n in range(10)))
    rare = await _write(f"{thing}.rare", moment - timedelta(seconds=20))
    before = to_wire(moment + timedelta(seconds=1))
    page = await models.list_acts(Filter(about=rare[0].about["thing"], before=before), limit=5)
    assert page.acts == []
    assert page.end == written[3].key
    found = await acts(about=rare[0].about["thing"], before=before)
    assert [act.key for act in found] == [rare[0].key]


async def test_administrators_alone_read(administrator: Person, bob: Person, thing: str) -> None:
    await audit.record("thing.move", by=bob.id, thing=thing)
    page = await selectors.list_acts(actor=administrator.actor, about=thing)
    assert [act.by for act in page.acts] == [bob.id]
    with pytest.raises(Forbidden):
        await selectors.list_acts(actor=bob.actor, about=thing)
    with pytest.raises(Forbidden):
        await services.export_acts(actor=bob.actor)
    assert await acts(by=bob.id, act="audit.") == []


async def test_an_export_has_all_and_is_noted_once(administrator: Person, thing: str) -> None:
    for number in range(3):
        await audit.record("thing.move", by="user_mover", thing=thing, number=number)
    lines = b"".join([piece async for piece in await services.export_acts(actor=administrator.actor, about=thing)])
    # That of the export itself, which names what was asked for, is the latest.
    assert [b'"audit.export"' in line for line in lines.splitlines()] == [True, False, False, False]
    assert len(await acts(by=administrator.id, act="audit.export")) == 1


# --- refusals --------------------------------------------------------------------------------------------------------
async def test_refusals_of_a_minute_are_counted_together(bob: Person) -> None:
    for _ in range(500):
        await audit.record("thing.refused", by=bob.id, address="192.0.2.1")
    (act,) = await acts(by=bob.id)
    assert act.count == 500
    assert act.until is not None
    assert act.until >= act.at


async def test_no_number_of_strangers_fills_the_store() -> None:
    kind = f"{uuid4().hex}.refused"
    for number in range(10_000):
        await audit.record(kind, by="nobody", address=f"2001:db8:{number:x}::/64")
    found = await acts(act=kind)
    assert len(found) == MAX_DISTINCT + 1
    assert sum(act.count for act in found) == 10_000
    (others,) = [act for act in found if act.by == MANY]
    assert others.address is None


# --- the store is away -----------------------------------------------------------------------------------------------
class Away:
    """A store that does not answer until it is `back`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_away, self.tries = True, 0
        for name in ("add", "add_day"):
            monkeypatch.setattr(models, name, self._wrap(getattr(models, name)))

    def _wrap(self, function: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def call(*args: object) -> None:
            self.tries += 1
            if self.is_away:
                raise Unavailable
            await function(*args)

        return call

    def back(self) -> None:
        self.is_away = False


@pytest.fixture
async def away(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Away]:
    # Another test's queue may have noted this day.
    queue.queue.pop()
    yield Away(monkeypatch)
    queue.queue.pop()


async def test_an_act_of_a_time_without_the_store_is_kept_later(away: Away, thing: str) -> None:
    await audit.record("thing.move", by="user_mover", thing=thing)
    assert queue.queue()._waiting
    away.back()
    (act,) = await acts(about=thing)
    assert act.act == "thing.move"


async def test_the_queue_tries_by_itself(away: Away, thing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_FIRST_RETRY", 0.01)
    await audit.record("thing.move", by="user_mover", thing=thing)
    stored = queue.queue()._waiting[0][1]
    away.back()
    await stored
    assert away.tries >= 2
    assert len(await acts(about=thing)) == 1


async def test_more_than_may_wait_is_counted(away: Away, monkeypatch: pytest.MonkeyPatch, thing: str) -> None:
    monkeypatch.setattr(queue, "MAX_WAITING", 3)
    waiting = Queue()
    for _ in range(7):
        waiting.put(Act(to_wire(datetime.now(UTC)), "thing.move", "user_mover", {"thing": thing}))
    await waiting.drain()
    away.back()
    await waiting.drain()
    assert len(await acts(about=thing)) == 3
    assert (await acts(act="audit.lose"))[0].count == 4
    await waiting.close()


async def test_what_waits_is_stored_at_the_end_of_the_process(away: Away, thing: str) -> None:
    await audit.record("thing.move", by="user_mover", thing=thing)
    await audit.record("thing.refused", by="nobody", thing=thing, address="192.0.2.3")
    away.back()
    await audit.close_audit()
    assert {act.act for act in await acts(about=thing)} == {"thing.move", "thing.refused"}


async def test_a_row_that_the_store_never_takes_keeps_no_other(thing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    add = models.add

    async def refuse(rows: list[Act]) -> None:
        if any(act.act == "bad" for act in rows):
            raise ValueError
        await add(rows)

    monkeypatch.setattr(models, "add", refuse)
    await audit.record("bad", by="user_mover", thing=thing)
    await audit.record("thing.move", by="user_mover", thing=thing)
    assert [act.act for act in await acts(about=thing)] == ["thing.move"]


# --- what is too old -------------------------------------------------------------------------------------------------
async def test_a_sweep_deletes_what_is_older_than_is_kept(thing: str, settings: Settings) -> None:
    now = datetime.now(UTC)
    old, recent = now - timedelta(days=101), now - timedelta(days=99)
    await _write(thing, *[old] * 5, recent)
    settings.AUDIT_DAYS = 0
    assert await sweeping.sweep() == 0
    settings.AUDIT_DAYS = 100
    assert await sweeping.sweep() >= 5
    assert [act.at for act in await acts(about=thing)] == [to_wire(recent)]
    assert old.date().isoformat() not in await models.list_days_before("9999", limit=1000)


async def test_a_sweep_that_nobody_asked_for_is_bounded(
    thing: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "_A_CALL", 2)
    settings.AUDIT_DAYS = 5_000
    await _write(thing, *[datetime(1999, 1, 1, tzinfo=UTC)] * 7)
    assert await sweeping.sweep(most=4) == 4
    assert len(await acts(about=thing)) == 3
    assert await sweeping.sweep() == 3


async def test_an_act_may_be_written_twice(thing: str) -> None:
    (act,) = await _write(thing, datetime.now(UTC))
    await models.add([replace(act)])
    assert len(await acts(about=thing)) == 1
