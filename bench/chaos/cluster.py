"""The cluster that faults are injected into: servers behind a load balancer, and what they reach their engines through.

Redis and MongoDB are the cluster's own; DynamoDB is reached through two proxies.
"""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bin.local import serve
from bin.local.engines import MONGODB, REDIS
from bin.local.ready import LOCALHOST, http_status

from .engine_process import engine_process
from .managed_process import ROOT, ManagedProcess, reusable_port
from .proxy import TcpProxy, proxy_to
from .store_proxy import StoreProxy, store_proxy_to


@dataclass(frozen=True)
class Cluster:
    """`balancer` spreads connections over the servers, which reach DynamoDB through `store_line`, then `store`."""

    servers: list[ManagedProcess]
    redis: ManagedProcess
    mongodb: ManagedProcess
    balancer: TcpProxy
    store_line: TcpProxy
    store: StoreProxy
    environment: Mapping[str, str]

    async def fixture(self, *, users: int, groups: int, members: int) -> dict[str, Any]:
        """Create users and groups; returns what `bin/manage fixture` prints."""
        return await make_fixture(self.environment, users=users, groups=groups, members=members)


@asynccontextmanager
async def running_cluster(engines: Mapping[str, str], folder: Path, *, servers: int) -> AsyncIterator[Cluster]:
    """Start a cluster on this DynamoDB, with its own tables; logs, and the data of its engines, go to `folder`."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(store_proxy_to(engines["DYNAMODB_URL"]))
        store_line = await stack.enter_async_context(proxy_to(store.url))
        # Without persistence: a kill loses all data, the worst case.
        redis, redis_url = engine_process(REDIS, folder, throwaway=True)
        # A kill loses what it has not written to its journal, which it does as rarely as it can: twice a second.
        mongodb, mongodb_uri = engine_process(MONGODB, folder, "--journalCommitInterval", "500")
        environment = proof_environment(
            "chaos", DYNAMODB_URL=store_line.url, REDIS_URL=redis_url, MONGODB_URI=mongodb_uri
        )
        urls, processes = zip(*(_server(number, environment, folder) for number in range(servers)), strict=True)
        for process in (redis, mongodb, *processes):
            stack.push_async_callback(process.kill)
        await asyncio.gather(redis.start(), mongodb.start())
        await manage(environment, "create_tables")
        await asyncio.gather(*(process.start() for process in processes))
        balancer = await stack.enter_async_context(proxy_to(*urls))
        yield Cluster(list(processes), redis, mongodb, balancer, store_line, store, environment)


def proof_environment(name: str, **own: str) -> dict[str, str]:
    """Return the environment of a proof's processes: data of their own, these settings, and none of the developer's."""
    namespace = f"{name}-{secrets.token_hex(4)}"
    return {
        **os.environ,
        **own,
        "NAMESPACE": namespace,
        "MONGODB_DATABASE": namespace,
        # The developer's own settings must not change what is proven.
        "ENV_FILE": os.devnull,
        **dict.fromkeys(("CLERK_ISSUER", "HOST", "PUBLIC_URL"), ""),
        "SIGN_IN": "trial",
        # All clients have one address, and reconnect as often as they are disturbed.
        "RATE_LIMITS": "off",
        "LOG_LEVEL": "WARNING",
    }


def _server(number: int, environment: Mapping[str, str], folder: Path) -> tuple[str, ManagedProcess]:
    listen = serve.Listen(LOCALHOST, reusable_port(), 1)
    # An upgrade may reach another process than the session: half of the servers migrate it, the others relay.
    takeover = "0.3" if number % 2 else "0"
    process = ManagedProcess(
        f"server {number + 1}",
        serve.command(listen),
        environment={**environment, "PORT": str(listen.port), "TAKEOVER_WAIT": takeover},
        is_ready=lambda: http_status(listen.own_url("/api/health/live")) == 200,
        log=folder / f"server-{number + 1}.log",
    )
    return listen.own_url(""), process


async def make_fixture(environment: Mapping[str, str], *, users: int, groups: int, members: int) -> dict[str, Any]:
    """Create users and groups with these settings; returns what `bin/manage fixture` prints."""
    sizes = ("--users", str(users), "--groups", str(groups), "--members", str(members))
    fixture: dict[str, Any] = orjson.loads(await manage(environment, "fixture", *sizes))
    return fixture


async def manage(environment: Mapping[str, str], *command: str) -> bytes:
    """Run `manage.py` with these settings and return its output; raises `RuntimeError` with what it wrote to stderr."""
    return await run_to_end((sys.executable, "manage.py", *command), environment, name=f"manage.py {command[0]}")


async def run_to_end(command: Sequence[str], environment: Mapping[str, str], *, name: str) -> bytes:
    """Run a program with these settings and return its output; raises `RuntimeError` with what it wrote to stderr."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{name} failed:\n{errors.decode(errors='replace')}")
    return output
