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
