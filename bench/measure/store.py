"""The store front by itself: what a write takes of a lone message's time, whoever the server is."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

from bench.cores import server_cores
from bench.load.run import percentiles
from bench.scenarios import WRITE, StoreAlone
from bench.stage import OURS, Front
from bin.local.console import UserError
from bin.local.processes import ProcessGroup

from .bench import Bench

_TABLE = "Alone"
# As far apart as a lone sender's messages are at a steady rate.
_PAUSE_SECONDS = 0.005
_BODY = json.dumps({"TableName": _TABLE, "Item": {"content": {"S": "x" * 400}}})
_HEADERS = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.PutItem"}


def measure(bench: Bench, scenario: StoreAlone) -> None:
    for _ in range(bench.few_pairs):
        processes = ProcessGroup()
        try:
            front = bench.stage.front_for(processes, _TABLE)
            with _in_place_of_a_server():
                delays = _write(front, bench.size(scenario.writes))
        finally:
            processes.stop()
        bench.note(WRITE, OURS, {f"{name}_ms": value for name, value in percentiles(delays).items()})


@contextmanager
def _in_place_of_a_server() -> Iterator[None]:
    """Work where a server would, so that the front has the same neighbours as in a run."""
    cores = server_cores()[:1]
    if not cores:
        yield
        return
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


def _write(front: Front, writes: int) -> list[float]:
    """Return how many seconds each write took; the first tenth, in which the front warms up, is not among them."""
    connection = HTTPConnection(urlsplit(front.url).netloc, timeout=10)
    delays = []
    for _ in range(writes + writes // 10):
        start = time.perf_counter()
        connection.request("POST", "/", _BODY, _HEADERS)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise UserError(f"The store front answers a write with {answer.status}.")
        delays.append(time.perf_counter() - start)
        time.sleep(_PAUSE_SECONDS)
    connection.close()
    return delays[writes // 10 :]
