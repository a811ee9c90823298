"""Files on a replica set of three: what is acknowledged outlives its primary, and without a majority nothing is."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from bench.chaos.engine_process import engine_process
from bench.chaos.managed_process import ManagedProcess
from bin.local.engines import MONGOD, MONGODB
from tests.cast import Person
from tests.doors import PATIENCE, doors, until

pytestmark = [
    pytest.mark.skipif(not MONGOD.exists(), reason="the MongoDB wheel is not installed"),
    pytest.mark.timeout(240),
]
_NAME = "rs"
_QUICK = {"heartbeatIntervalMillis": 500, "electionTimeoutMillis": 2000}


@dataclass(frozen=True)
class ReplicaSet:
    """The processes of its members by address."""

    members: dict[str, ManagedProcess]

    @property
    def url(self) -> str:
        return f"mongodb://{','.join(self.members)}/chatproject?replicaSet={_NAME}"

    async def primary(self) -> str:
        """Return the address of the member that takes writes, once there is one."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for address in self.members:
                    if (await _hello(address)).get("isWritablePrimary"):
                        return address
                await asyncio.sleep(0.1)

    async def start(self) -> None:
        await asyncio.gather(*(member.start() for member in self.members.values()))

    async def kill(self) -> None:
        await asyncio.gather(*(member.kill() for member in self.members.values()))


async def _hello(address: str) -> dict[str, Any]:
    with suppress(PyMongoError):
        async with _member(address) as client:
            return dict(await client.admin.command("hello"))
    return {}


def _member(address: str) -> AsyncMongoClient[dict[str, Any]]:
    return AsyncMongoClient(f"mongodb://{address}/?directConnection=true", serverSelectionTimeoutMS=500)


@pytest.fixture
async def replicas(tmp_path: Path) -> AsyncIterator[ReplicaSet]:
    started = [engine_process(MONGODB, tmp_path / str(number), "--replSet", _NAME) for number in range(3)]
    replicas = ReplicaSet({urlsplit(url).netloc: process for process, url in started})
    try:
        await replicas.start()
        members = [{"_id": number, "host": address} for number, address in enumerate(replicas.members)]
        async with _member(members[0]["host"]) as operator:  # type: ignore[arg-type]
            await operator.admin.command("replSetInitiate", {"_id": _NAME, "members": members, "settings": _QUICK})
        yield replicas
    finally:
        await replicas.kill()


async def test_what_is_acknowledged_outlives_a_primary_and_without_a_majority_nothing_is(
    replicas: ReplicaSet, alice: Person, group_id: str, tmp_path: Path
) -> None:
    log = tmp_path / "server.log"
    await replicas.primary()
    async with doors({"MONGODB_URI": replicas.url}, alice, group_id, log) as server:
        stored = {}

        async def store(size: int) -> None:
            content = os.urandom(size)
            stored[await server.store(content)] = content

        await store(400_000)
        await replicas.members[await replicas.primary()].kill()
        # Unavailable until another is elected, and nothing that was acknowledged is lost.
        await store(5_000)
        assert {file_id: await server.download(file_id) for file_id in stored} == stored

        await replicas.members[await replicas.primary()].kill()
        assert [await server.upload(), await server.send(), await server.emit()] == ["unavailable", "ok", "ok"]
        assert {await server.download(file_id) for file_id in stored} == {"unavailable"}

        await replicas.start()
        await until(server.upload)
        assert {file_id: await server.download(file_id) for file_id in stored} == stored
    assert "Traceback" not in log.read_text(), log.read_text()
