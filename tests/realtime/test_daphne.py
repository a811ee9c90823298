"""The sockets work on Daphne too, which `manage.py runserver` uses."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.serving import daphne, serving

from .stories import results_of, stories

pytestmark = pytest.mark.xdist_group("daphne")

# The echo stories send an empty attachment too: Daphne does not send an empty binary frame.
STORIES = {
    **stories("chat", ["socket.io-client"], ["daphne"]),
    **stories("echo", ["socket.io-client"], ["daphne"]),
    **stories("engine", ["engine.io-client"], ["daphne"]),
}


@pytest.fixture(scope="module")
async def results() -> AsyncIterator[dict[str, Any]]:
    async with serving({}, application="tests.realtime.chat_and_echo:application", server=daphne) as server:
        yield await results_of(STORIES, {"daphne": server.url})


@pytest.mark.parametrize("name", STORIES)
def test_a_javascript_client_completes_its_story(name: str, results: dict[str, Any]) -> None:
    assert "failed" not in results[name], results[name]["failed"]
