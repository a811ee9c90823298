"""A server on the loop of a test, and a measure of that loop's callbacks."""

from collections.abc import AsyncIterator, Iterator

import pytest
from pytest_django import Settings
from uvicorn.config import Config

from chatproject.asgi import application
from chatproject.process import startup
from chatproject.settings import _RATES
from foundation.limits.rates import parse_rates
from realtime.transport.uvicorn_http import GuardedHttpProtocol
from realtime.transport.uvicorn_websocket import DirectProtocol

from .listening import listening
from .stage import COUNTED
from .turns import Turns, measured_turns


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> AsyncIterator[int]:
    """A port at which the application is served on this loop."""
    monkeypatch.setattr(startup(), "_is_done", True)
    settings.RATE_LIMITS = parse_rates(_RATES, COUNTED)
    config = Config(application, http=GuardedHttpProtocol, ws=DirectProtocol, log_config=None, access_log=False)
    config.load()
    async with listening(config) as port:
        yield port


@pytest.fixture
def turns() -> Iterator[Turns]:
    with measured_turns() as turns:
        yield turns
