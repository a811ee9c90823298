"""A measurement on its event loop: a signal ends it, wherever it comes."""

import asyncio
import signal

import pytest

from bench.loop import on_loop
from bin.local.console import Stop

pytestmark = pytest.mark.unit


async def answer() -> int:
    await asyncio.sleep(0)
    return 42


async def interrupted(signum: signal.Signals) -> None:
    asyncio.get_running_loop().call_soon(signal.raise_signal, signum)
    await asyncio.Event().wait()


def test_it_returns_what_the_work_returns() -> None:
    assert on_loop(answer()) == 42


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM], ids=lambda signum: signum.name)
def test_a_signal_stops_it_and_the_handlers_are_as_before(signum: signal.Signals) -> None:
    before = signal.getsignal(signum)
    with pytest.raises(Stop) as stop:
        on_loop(interrupted(signum))
    assert stop.value.signum == signum
    assert signal.getsignal(signum) == before
