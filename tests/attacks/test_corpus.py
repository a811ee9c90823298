"""Each hostile input, through each door of a running server: no 5xx, no traceback, and memory stays bounded."""

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from chatproject.consumers import ClientConsumer
from tests.entry_points import http_client
from tests.test_bad_input import EVENTS as CHECKED
from tests.test_bad_input import REQUESTS

from .corpus import pages, requests, uploads
from .corpus.packets import FRAMES, PACKETS, POLLING
from .corpus.values import HTTP_VALUES, spoiled
from .sending import send_frames, send_packets
from .stage import Stage, attacked

# With those that take any state, and any token that is valid.
EVENTS = {**CHECKED, "presence": {"status": "away"}, "authenticate": {"token": "x"}}


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with attacked(tmp_path_factory.mktemp("corpus") / "log") as stage:
        yield stage


def test_the_corpus_is_large() -> None:
    named = {f"{method} {path}": good for (method, path), good in REQUESTS.items()}
    events = 2 * len(list(spoiled(EVENTS))) + len(list(spoiled(named, HTTP_VALUES)))
    requested = [pages.fields, pages.whole_forms, pages.pages, requests.addresses, requests.headers, uploads.uploads]
    corpus = sum(len(list(door())) for door in requested)
    assert events + len(FRAMES) + len(PACKETS) + len(POLLING) + corpus >= 2_000


@pytest.mark.unit
def test_the_corpus_has_every_event() -> None:
    assert ClientConsumer.events.keys() - EVENTS.keys() == set()


@pytest.mark.parametrize("event", EVENTS)
async def test_events(stage: Stage, event: str) -> None:
    inputs = [data for _, _, data in spoiled({event: EVENTS[event]})]
    await send_frames(stage, [f'{{"event":"{event}","ack":1,"data":{data}}}' for data in inputs])
    await send_packets(stage, [f'421["{event}",{data}]' for data in inputs])
    stage.check()


async def test_frames(stage: Stage) -> None:
    await send_frames(stage, FRAMES.values())
    stage.check()


async def test_packets_of_socketio(stage: Stage) -> None:
    await send_packets(stage, PACKETS.values())
    stage.check()


@pytest.mark.parametrize(("method", "path"), REQUESTS, ids=lambda part: part)
async def test_requests(stage: Stage, method: str, path: str) -> None:
    async with http_client(stage.server.url, stage.alice) as client:
        for title, _, body in spoiled({path: REQUESTS[method, path]}, HTTP_VALUES):
            headers = {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
            response = await client.request(method, path.replace("$", ""), content=body.encode(), headers=headers)
            assert response.status_code < 500, title
            assert len(response.content) < 5_000, title
    stage.check()


async def test_polling_payloads(stage: Stage) -> None:
    path = "/socket.io/?EIO=4&transport=polling"
    async with httpx.AsyncClient(base_url=stage.server.url, timeout=30) as client:
        for title, payload in POLLING.items():
            sid = json.loads((await client.get(path)).text[1:])["sid"]
            assert (await client.post(f"{path}&sid={sid}", content=payload)).status_code in (200, 400), title
            await client.post(f"{path}&sid={sid}", content="1")
    stage.check()
