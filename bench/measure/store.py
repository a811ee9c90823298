"""The store proxy alone: the part of a message's acknowledgement time that no server can avoid."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

from bench.cores import server_cores
from bench.launcher import OURS, StoreProxy
from bench.load.run import percentiles
from bench.scenario_kinds import WRITE, StoreAlone
from bin.local.console import UserError
from bin.local.processes import ProcessGroup

from .runner import Runner

_TABLE = "Alone"
# About the interval between the messages of a single sender at a steady rate.
_PAUSE_SECONDS = 0.005
_BODY = json.dumps({"TableName": _TABLE, "Item": {"content": {"S": "x" * 400}}})
_HEADERS = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.PutItem"}


def measure(runner: Runner, scenario: StoreAlone) -> None:
    for _ in range(runner.few_pairs):
        processes = ProcessGroup()
        try:
            proxy = runner.launcher.start_store_proxy(processes, _TABLE)
            with _on_the_server_core():
                delays = _write(proxy, runner.scaled(scenario.writes))
        finally:
            processes.stop()
        runner.add(WRITE, OURS, {f"{name}_ms": value for name, value in percentiles(delays).items()})


@contextmanager
def _on_the_server_core() -> Iterator[None]:
    """Run on the core of the server under test, so that the proxy shares its core as in other runs."""
    cores = server_cores()[:1]
    if not cores:
        yield
        return
    own_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, own_cores)


def _write(proxy: StoreProxy, writes: int) -> list[float]:
    """Return the seconds of each write, after a warm-up of a tenth as many."""
    connection = HTTPConnection(urlsplit(proxy.url).netloc, timeout=10)
    delays = []
    for _ in range(writes + writes // 10):
        start = time.perf_counter()
        connection.request("POST", "/", _BODY, _HEADERS)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise UserError(f"The store proxy responds to a write with {response.status}.")
        delays.append(time.perf_counter() - start)
        time.sleep(_PAUSE_SECONDS)
    connection.close()
    return delays[writes // 10 :]
