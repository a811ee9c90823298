"""A report is of all processes together: their figures are summed, and those that are gone are not counted."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

import httpx
import pytest
from django.conf import settings

from bench.chaos.proxy import TcpProxy, proxy_to
from tests.cast import Person, person
from tests.serving import Server, serving
from tests.wire_client import connected_by

from .conftest import Environment, Report, becomes_stale, report_of, until


@dataclass
class Cluster:
    """Two processes that reach Redis through a proxy."""

    servers: list[Server]
    redis: TcpProxy

    @property
    def pids(self) -> set[int]:
        return {server.process.pid for server in self.servers}


@pytest.fixture
async def cluster(often: Environment) -> AsyncIterator[Cluster]:
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(proxy_to(settings.REDIS_URL))
        environment = {**often, "REDIS_URL": redis.url}
        starts = (stack.enter_async_context(serving(environment)) for _ in range(2))
        yield Cluster(list(await asyncio.gather(*starts)), redis)


def pids_in(report: Report) -> set[int]:
    return {worker["pid"] for worker in report["workers"]}


async def both_known(cluster: Cluster) -> Report:
    """Return the first report in which each process has been heard and has proven its protocols."""
    ask = partial(report_of, cluster.servers[0])
    return await until(ask, lambda report: pids_in(report) == cluster.pids and report["status"] == "ok")


async def make_group(server: Server, people: list[Person]) -> str:
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as client:
        for each in people:
            (await client.get("/api/users/me", headers=each.headers)).raise_for_status()
        body = {"name": "Harbour", "memberIds": [each.id for each in people[1:]]}
        made = await client.post("/api/groups", json=body, headers=people[0].headers)
    made.raise_for_status()
    return str(made.json()["id"])


async def test_the_figures_of_all_processes_are_summed(cluster: Cluster) -> None:
    first, second = cluster.servers
    alice, bob = await person("Alice"), await person("Bob")
    group_id = await make_group(first, [alice, bob])
    await both_known(cluster)
    async with (
        connected_by("ws", first.url, alice),
        connected_by("websocket", second.url, alice),
        connected_by("polling", second.url, bob),
    ):
        report = await until(
            partial(report_of, first),
            lambda report: report["sockets"]["connections"] == 3 and report["rooms"]["connections"] == 3,
        )
        sockets = report["sockets"]
        assert sockets["byTransport"] == {"json": 1, "websocket": 1, "polling": 1}
        assert sockets["opened"] == 3
        # The room of a group in two processes is two rooms.
        assert report["rooms"] == {"count": 2, "connections": 3, "largest": [{"groupId": group_id, "connections": 3}]}
        by_pid = {worker["pid"]: worker for worker in report["workers"]}
        assert by_pid[first.process.pid]["connections"] == 1
        assert by_pid[second.process.pid]["connections"] == 2
        assert report["memory"]["rss"] == sum(worker["rss"] for worker in report["workers"])
        assert report["databases"]["dynamodb"]["pool"]["max"] == 2 * settings.STORE_CONNECTIONS
        alone = await report_of(first, "process")
        assert pids_in(alone) == {first.process.pid}
        assert (alone["sockets"]["connections"], alone["rooms"]["count"]) == (1, 1)


async def test_a_process_that_was_killed_is_dropped_and_one_that_stops_leaves_at_once(cluster: Cluster) -> None:
    first, second = cluster.servers
    await both_known(cluster)
    second.process.kill()
    report = await until(partial(report_of, first), lambda report: pids_in(report) == {first.process.pid})
    assert report["status"] == "ok"


async def test_a_process_that_hangs_is_dropped_until_it_goes_on(cluster: Cluster) -> None:
    first, second = cluster.servers
    await both_known(cluster)
    second.process.suspend()
    try:
        await until(partial(report_of, first), lambda report: pids_in(report) == {first.process.pid})
    finally:
        second.process.resume()
    await both_known(cluster)


async def test_a_process_that_ends_takes_itself_out(often: Environment) -> None:
    # So rarely that nothing expires meanwhile.
    async with serving({**often, "HEALTH_INTERVAL": "20"}) as stays:
        async with serving({**often, "HEALTH_INTERVAL": "20"}) as leaves:
            await until(partial(report_of, stays), lambda report: leaves.process.pid in pids_in(report))
            pid = leaves.process.pid
        await until(partial(report_of, stays), lambda report: pid not in pids_in(report))


async def test_without_redis_a_process_reports_itself_and_finds_the_others_again(cluster: Cluster) -> None:
    first = cluster.servers[0]
    await both_known(cluster)
    cluster.redis.cut()
    try:
        report = await until(partial(report_of, first), lambda report: pids_in(report) == {first.process.pid})
        assert report["status"] == "degraded"
        assert report["databases"]["redis"]["status"] == "down"
        assert report["sockets"]["connections"] == 0
    finally:
        cluster.redis.restore()
    await both_known(cluster)


async def test_what_one_process_alone_lacks_degrades_the_whole(often: Environment) -> None:
    async with AsyncExitStack() as stack:
        dynamodb = await stack.enter_async_context(proxy_to(os.environ["DYNAMODB_URL"]))
        well = await stack.enter_async_context(serving(often))
        ill = await stack.enter_async_context(serving({**often, "DYNAMODB_URL": dynamodb.url}))
        await both_known(Cluster([well, ill], dynamodb))
        dynamodb.cut()
        report = await until(partial(report_of, well), lambda report: report["status"] != "ok")
        assert (report["status"], report["databases"]["dynamodb"]["status"]) == ("degraded", "degraded")
        states = {worker["pid"]: worker["status"] for worker in report["workers"]}
        assert states == {well.process.pid: "ok", ill.process.pid: "down"}
        await becomes_stale()
        async with httpx.AsyncClient() as client:
            asked = [await client.get(f"{server.url}/api/health/ready") for server in (well, ill)]
            alone = await client.get(f"{ill.url}/api/health?scope=process")
        # What a balancer asks is about the process that it asks.
        assert [response.status_code for response in asked] == [200, 503]
        assert (alone.status_code, alone.json()["status"]) == (503, "down")
