"""The promises of delivery hold on every channel layer: whole servers, with clients that disconnect at random."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack

import pytest

from bench.check_delivery import Plan, check
from groups.management.commands.fixture import make
from tests.layers import CORE, PUBSUB
from tests.serving import serving
from tests.wire_client import TRANSPORTS

LOSSY_CORE = {"CHANNEL_LAYER": "tests.lossy_layer.LossyLayer", "LOSSY_LAYER": CORE, "LOSSY_SHARE": "0.1"}
IN_MEMORY = {"CHANNEL_LAYER": "channels.layers.InMemoryChannelLayer", "CHANNEL_LAYER_CONFIG": "{}"}


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("layer", "servers"),
    [({"CHANNEL_LAYER": PUBSUB}, 2), ({"CHANNEL_LAYER": CORE}, 2), (LOSSY_CORE, 2), (IN_MEMORY, 1)],
    ids=["pubsub", "core", "lossy core", "in memory"],
)
async def test_nothing_is_lost_doubled_or_reordered(layer: Mapping[str, str], servers: int) -> None:
    async with AsyncExitStack() as stack:
        opening = [stack.enter_async_context(serving({**layer, "WORKERS": str(servers)})) for _ in range(servers)]
        urls = [server.url for server in await asyncio.gather(*opening)]
        report = await check(Plan(urls, await make(8, 2, 6), seconds=4, clients=12, pace=3))
    assert not report.violations, report
    assert report.stats["acknowledged"]
    assert all(report.stats[transport] for transport in TRANSPORTS)
