"""MongoDB that comes back without its data: messages show what they had, and what is stored anew is kept."""

import os
import shutil
from pathlib import Path

import pytest

from bench.chaos.engine_process import engine_process
from bin.local.engines import MONGOD, MONGODB
from tests.cast import Person
from tests.doors import doors, until

pytestmark = pytest.mark.skipif(not MONGOD.exists(), reason="the MongoDB wheel is not installed")


async def test_without_its_data_messages_show_their_files_and_downloads_are_not_found(
    alice: Person, group_id: str, tmp_path: Path
) -> None:
    process, url = engine_process(MONGODB, tmp_path)
    log = tmp_path / "server.log"
    try:
        await process.start()
        async with doors({"MONGODB_URI": url}, alice, group_id, log) as server:
            file_id = await server.store(b"lost")
            message_id = await server.attach(file_id)
            await process.kill()
            shutil.rmtree(tmp_path / "mongodb")
            (tmp_path / "mongodb").mkdir()
            await process.start()
            await until(server.upload)
            assert await server.files_of(message_id) == [file_id]
            assert await server.download(file_id) == "not_found"
            content = os.urandom(300_000)
            assert await server.download(await server.store(content)) == content
    finally:
        await process.kill()
    assert "Traceback" not in log.read_text(), log.read_text()
