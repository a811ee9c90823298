"""Checks of engines are shared, bounded, and say nothing that is not for everybody."""

import asyncio

import pytest

from health import engines, shared
from health.checks import Check, CheckFailed
from health.engines import Engine
from health.shared import Shared

pytestmark = pytest.mark.unit


async def test_whoever_asks_at_the_same_time_shares_one_result(monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0

    async def make() -> int:
        nonlocal made
        made += 1
        await asyncio.sleep(0.05)
        return made

    result = Shared(make)
    cancelled = asyncio.create_task(result.get())
    await asyncio.sleep(0)
    cancelled.cancel()
    assert await asyncio.gather(*(result.get() for _ in range(100))) == [1] * 100
    assert await result.get() == 1
    assert await result.get(max_age=0) == 2
    monkeypatch.setattr(shared, "MAX_AGE_SECONDS", 0)
    assert await result.get() == 2


async def test_what_fails_is_made_again() -> None:
    async def fail() -> None:
        raise RuntimeError("once")

    result = Shared(fail)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            await result.get(max_age=0)


async def _refuse() -> None:
    raise CheckFailed("It refuses this server's credentials.")


async def _explode() -> None:
    raise RuntimeError("cannot reach redis://user:secret@10.0.0.1")


async def _hang() -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (_refuse, "It refuses this server's credentials."),
        (_explode, "It answers with an error (RuntimeError)."),
        (_hang, "It does not answer within 0.1 s."),
    ],
)
async def test_an_error_names_no_address_and_no_credentials(
    monkeypatch: pytest.MonkeyPatch, check: Check, sentence: str
) -> None:
    monkeypatch.setattr(engines, "CHECK_SECONDS", 0.1)
    engine = Engine("engine", check)
    figures = await engine.figures()
    assert (figures["status"], figures["lastError"]) == ("down", sentence)
    assert not await engine.is_up()


async def test_the_last_error_stays_after_the_engine_is_back() -> None:
    failing = True

    async def check() -> None:
        if failing:
            raise CheckFailed("Away.")

    engine = Engine("engine", check)
    away = await engine.figures()
    failing = False
    back = await engine.figures()
    assert (back["status"], back["lastError"], back["lastErrorAt"]) == ("ok", "Away.", away["lastErrorAt"])


async def test_an_engine_that_is_slow_at_first_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHECK_SECONDS", 0.05)
    tries, reports = 0, list[str]()

    async def slow_at_first() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            await asyncio.Event().wait()

    monkeypatch.setattr(engines, "ENGINES_WITHOUT_TABLES", {"dynamodb": slow_at_first})
    assert await engines.wait_for_answers(reports.append) == {}
    assert reports == ["waiting for dynamodb"] * 2
    tries = 0
    monkeypatch.setattr(engines, "PATIENCE", 0)
    assert list(await engines.wait_for_answers(reports.append)) == ["dynamodb"]


async def test_an_engine_that_refuses_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHECK_SECONDS", 0.05)

    async def slow() -> None:
        await asyncio.Event().wait()

    async def refusing() -> None:
        raise ConnectionRefusedError

    reports = list[str]()
    monkeypatch.setattr(engines, "ENGINES_WITHOUT_TABLES", {"dynamodb": refusing, "redis": slow})
    assert set(await engines.wait_for_answers(reports.append)) == {"dynamodb", "redis"}
    assert not reports
