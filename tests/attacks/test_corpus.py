"""Each hostile input, through each door of a running server: no 5xx, no traceback, and memory stays bounded."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.cast import Person, person
from tests.entry_points import http_client
from tests.serving import Server, serving
from tests.test_bad_input import EVENTS, REQUESTS

from .corpus import FRAMES, POLLING, QUERIES, VALUES, spoiled

# Of the values over HTTP, those that differ there.
HTTP_VALUES = {
    name: VALUES[name] for name in ("half a million zeros", "a text without end", "a bottomless list", "a NUL")
}

# How far bodies of a megabyte, and what was made of them, may take the memory before it is collected. Eight rounds
# of the whole corpus level off at 250.
MEGABYTES = 350


@dataclass
class Stage:
    server: Server
    log: Path
    alice: Person
    megabytes: float

    def check(self) -> None:
        """The server is unharmed: nothing raised, and its memory has not grown by more than bounds allow."""
        log = self.log.read_text()
        if (at := log.find("Traceback")) >= 0:
            pytest.fail(log[max(0, at - 500) : at + 5_000])
        assert self.server.resident_megabytes() < self.megabytes + MEGABYTES


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    log = tmp_path_factory.mktemp("corpus") / "log"
    async with serving({}, log=log) as server:
        yield Stage(server, log, await person("Alice"), server.resident_megabytes())


def test_the_corpus_is_large() -> None:
    requests = {f"{method} {path}": good for (method, path), good in REQUESTS.items()}
    events = len(list(spoiled(EVENTS))) + len(list(spoiled(requests, HTTP_VALUES)))
    assert events + len(FRAMES) + len(POLLING) + len(QUERIES) >= 500


@pytest.mark.parametrize("event", EVENTS)
async def test_events(stage: Stage, event: str) -> None:
    frames = [f'{{"event":"{event}","ack":1,"data":{data}}}' for _, _, data in spoiled({event: EVENTS[event]})]
    await _send_all(stage, frames)
    stage.check()


async def test_frames(stage: Stage) -> None:
    await _send_all(stage, list(FRAMES.values()))
    stage.check()


async def _send_all(stage: Stage, frames: list[str]) -> None:
    """Send each frame over a connection that lives, and wait for its answer, which is short."""
    socket = await _signed_in(stage)
    for frame in frames:
        try:
            await socket.send(frame)
            await socket.send('{"event":"ping"}')
            async with asyncio.timeout(20):
                while json.loads(answer := str(await socket.recv())).get("event") != "pong":
                    assert len(answer) < 5_000
        except ConnectionClosed as closed:
            assert closed.rcvd is None or closed.rcvd.code in (1002, 1007, 1009)  # noqa: PT017 - it may be closed, or not
            socket = await _signed_in(stage)
    await socket.close()


async def _signed_in(stage: Stage) -> ClientConnection:
    url = stage.server.url.replace("http", "ws", 1) + "/ws/"
    socket = await connect(url, ping_interval=None, max_size=None, close_timeout=1)
    await socket.send(json.dumps({"event": "connect", "data": {"token": stage.alice.token}}))
    while json.loads(await socket.recv()).get("event") != "ready":
        pass
    return socket


@pytest.mark.parametrize(("method", "path"), REQUESTS, ids=lambda part: part)
async def test_requests(stage: Stage, method: str, path: str) -> None:
    async with http_client(stage.server.url, stage.alice) as client:
        for title, _, body in spoiled({path: REQUESTS[method, path]}, HTTP_VALUES):
            headers = {"Content-Type": "application/json"}
            response = await client.request(method, path.replace("$", ""), content=body.encode(), headers=headers)
            assert response.status_code < 500, title
            assert len(response.content) < 5_000, title
    stage.check()


async def test_addresses(stage: Stage) -> None:
    async with http_client(stage.server.url, stage.alice) as client:
        for title, path in QUERIES.items():
            response = await client.get(path)
            assert response.status_code < 500, title
    stage.check()


async def test_polling_payloads(stage: Stage) -> None:
    path = "/socket.io/?EIO=4&transport=polling"
    async with httpx.AsyncClient(base_url=stage.server.url, timeout=30) as client:
        for title, payload in POLLING.items():
            sid = json.loads((await client.get(path)).text[1:])["sid"]
            assert (await client.post(f"{path}&sid={sid}", content=payload)).status_code in (200, 400), title
            await client.post(f"{path}&sid={sid}", content="1")
    stage.check()
