"""What chaos happens to: servers with a balancer before them, a Redis of their own, and a line to the store."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from bin.local import serve
from bin.local.engines import REDIS, EngineOptions
from bin.local.ready import LOCALHOST, http_status, redis_answers

from .lines import Line, line_to
from .part import ROOT, Part, lasting_port


@dataclass(frozen=True)
class Stage:
    """`front` leads each connection to the next server; `store` is the servers' line to DynamoDB."""

    servers: list[Part]
    redis: Part
    front: Line
    store: Line
    environment: Mapping[str, str]

    async def fixture(self, *, users: int, groups: int, members: int) -> dict[str, Any]:
        """Make users and groups, and return them as `bin/manage fixture` prints them."""
        sizes = ("--users", str(users), "--groups", str(groups), "--members", str(members))
        found: dict[str, Any] = orjson.loads(await _manage(self.environment, "fixture", *sizes))
        return found


@asynccontextmanager
async def stage(engines: Mapping[str, str], folder: Path, *, servers: int) -> AsyncIterator[Stage]:
    """Set it up on this DynamoDB and MongoDB, with tables of its own; logs and Redis's data lie in `folder`."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(line_to(engines["DYNAMODB_URL"]))
        redis, redis_url = _redis(folder)
        environment = _environment(engines, store.url, redis_url)
        urls, parts = zip(*(_server(number, environment, folder) for number in range(servers)), strict=True)
        for part in (redis, *parts):
            stack.push_async_callback(part.kill)
        await redis.start()
        await _manage(environment, "create_tables")
        await asyncio.gather(*(part.start() for part in parts))
        front = await stack.enter_async_context(line_to(*urls))
        yield Stage(list(parts), redis, front, store, environment)


def _environment(engines: Mapping[str, str], store_url: str, redis_url: str) -> dict[str, str]:
    namespace = f"chaos-{secrets.token_hex(4)}"
    return {
        **os.environ,
        **engines,
        "DYNAMODB_URL": store_url,
        "REDIS_URL": redis_url,
        "NAMESPACE": namespace,
        "MONGODB_DATABASE": namespace,
        # Whoever runs this has settings for a server of theirs; they must not decide what is proven here.
        "ENV_FILE": os.devnull,
        "CLERK_ISSUER": "",
        "DEBUG": "1",
        "LOG_LEVEL": "WARNING",
    }


def _redis(folder: Path) -> tuple[Part, str]:
    port = lasting_port()
    data = folder / "redis"
    data.mkdir()
    return Part(
        "Redis",
        # It forgets everything when it is killed: the worst that can happen.
        REDIS.command(EngineOptions(port, data, throwaway=True)),
        environment=os.environ,
        answers=partial(redis_answers, port),
        log=folder / "redis.log",
    ), REDIS.url(port)


def _server(number: int, environment: Mapping[str, str], folder: Path) -> tuple[str, Part]:
    listen = serve.Listen(LOCALHOST, lasting_port(), 1)
    # Both ways of a session that upgrades on another process than it began on: it moves there, or it is relayed.
    takeover = "0.3" if number % 2 else "0"
    part = Part(
        f"server {number + 1}",
        serve.command(listen),
        environment={**environment, "PORT": str(listen.port), "TAKEOVER_WAIT": takeover},
        answers=lambda: http_status(listen.own_url("/api/health/live")) == 200,
        log=folder / f"server-{number + 1}.log",
    )
    return listen.own_url(""), part


async def _manage(environment: Mapping[str, str], *command: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "manage.py", *command),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"manage.py {command[0]} failed:\n{errors.decode(errors='replace')}")
    return out
