"""Runs the scripts in `js/`, which speak through the official JavaScript libraries."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

JS = Path(__file__).parent / "js"


def node() -> str:
    """Return the machine's node, or the one that bin/test has installed beside Python."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)])
    found = shutil.which("node", path=path)
    assert found, "node is needed: bin/test installs it"
    return found


class Script:
    """A running script that exchanges lines of JSON with the test."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def read(self) -> Any:
        assert self._process.stdout
        async with asyncio.timeout(90):
            line = await self._process.stdout.readline()
        assert line, "the script ended without output: see its stderr"
        return json.loads(line)

    async def write(self, request: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        await self._process.stdin.drain()

    async def ask(self, request: Any) -> Any:
        await self.write(request)
        return await self.read()


@asynccontextmanager
async def script(name: str, *arguments: str) -> AsyncIterator[Script]:
    process = await asyncio.create_subprocess_exec(
        *(node(), str(JS / name), *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=64_000_000,
    )
    try:
        yield Script(process)
    finally:
        if process.returncode is None:
            process.kill()
        # Reads the rest, so that the pipes are closed before the loop is.
        await process.communicate()


async def report_of(name: str, *arguments: str) -> Any:
    """Run a script to its end and return the report that it prints."""
    async with script(name, *arguments) as running:
        return await running.read()
