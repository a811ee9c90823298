"""Inputs that chance has made of good ones, through every door of a running server: it is unharmed.

The same ones each time. `bin/prove attacks` sends 10,000, others each time; `ATTACK_SEED` and `ATTACKS` choose.
"""

import json
import os
from collections.abc import AsyncIterator

import httpx
import pytest

from .corpus.generated import Generator
from .sending import send_frames, send_packets
from .stage import Stage, attacked

SEED = int(os.environ.get("ATTACK_SEED", "28"))
# Of each 10: how many through which door.
SHARES = {"frames": 4, "packets": 2, "payloads": 1, "requests": 3}
COUNTS = {door: share * int(os.environ.get("ATTACKS", "1500")) // 10 for door, share in SHARES.items()}
# Many packets end their connection.
pytestmark = pytest.mark.timeout(1_200)


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with attacked(tmp_path_factory.mktemp("generated") / "log") as stage:
        yield stage


@pytest.fixture(autouse=True)
def _seed() -> None:
    # Shown with a failure.
    print(f"ATTACK_SEED={SEED}")


async def test_frames(stage: Stage) -> None:
    await send_frames(stage, Generator(SEED).frames(COUNTS["frames"]))
    stage.check()


async def test_packets(stage: Stage) -> None:
    await send_packets(stage, Generator(SEED).packets(COUNTS["packets"]))
    stage.check()


async def test_payloads(stage: Stage) -> None:
    path = "/socket.io/?EIO=4&transport=polling"
    async with httpx.AsyncClient(base_url=stage.server.url, timeout=30) as client:
        for number, payload in enumerate(Generator(SEED).payloads(COUNTS["payloads"])):
            sid = json.loads((await client.get(path)).text[1:])["sid"]
            response = await client.post(f"{path}&sid={sid}", content=payload.encode(errors="replace"))
            assert response.status_code in (200, 400), number
            assert len(response.content) < 5_000
            await client.post(f"{path}&sid={sid}", content="1")
    stage.check()


async def test_requests(stage: Stage) -> None:
    await stage.attempt(Generator(SEED).requests(COUNTS["requests"]))
