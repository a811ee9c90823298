"""The server is no uvicorn of ours alone: on Daphne, which `manage.py runserver` is, the sockets work as well."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.serving import daphne, serving

from .stories import ends_of, stories

pytestmark = pytest.mark.xdist_group("daphne")

# The echoes have an empty attachment among them: Daphne does not send an empty binary frame.
STORIES = {
    **stories("chat", ["socket.io-client"], ["daphne"]),
    **stories("echo", ["socket.io-client"], ["daphne"]),
    **stories("engine", ["engine.io-client"], ["daphne"]),
}


@pytest.fixture(scope="module")
async def ends() -> AsyncIterator[dict[str, Any]]:
    async with serving({}, application="tests.realtime.chat_and_echo:application", server=daphne) as server:
        yield await ends_of(STORIES, {"daphne": server.url})


@pytest.mark.parametrize("name", STORIES)
def test_a_javascript_client_lives_to_the_end_of_its_story(name: str, ends: dict[str, Any]) -> None:
    assert "failed" not in ends[name], ends[name]["failed"]
