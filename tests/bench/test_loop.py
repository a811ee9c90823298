"""Running a coroutine on uvloop: signals cancel it."""

import asyncio
import signal

import pytest

from bench.loop import run_on_loop
from bin.local.console import Stop

pytestmark = pytest.mark.unit


async def result() -> int:
    await asyncio.sleep(0)
    return 42


async def interrupted(signum: signal.Signals) -> None:
    asyncio.get_running_loop().call_soon(signal.raise_signal, signum)
    await asyncio.Event().wait()


def test_it_returns_the_result_of_the_coroutine() -> None:
    assert run_on_loop(result()) == 42


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM], ids=lambda signum: signum.name)
def test_a_signal_stops_it_and_the_signal_handlers_are_restored(signum: signal.Signals) -> None:
    before = signal.getsignal(signum)
    with pytest.raises(Stop) as stop:
        run_on_loop(interrupted(signum))
    assert stop.value.signum == signum
    assert signal.getsignal(signum) == before
