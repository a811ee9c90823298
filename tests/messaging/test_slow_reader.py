"""A client that stops reading is closed, does not slow down the others, and catches up when it reconnects."""

import asyncio
import json
import socket
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx
import pytest
import websockets

from groups import services as groups
from messaging import services
from tests.cast import Person, person
from tests.serving import Server, serving
from tests.socket_client import TIMEOUT
from tests.wire_client import WireClient, connected_by

# More than a client may leave unread, but few enough in each group to be resumed.
GROUPS, MESSAGES, BATCH = 3, 600, 50
CONTENT = "x" * 9_990
SOCKETIO = "/socket.io/?EIO=4&transport="

Seqs = dict[str, list[int]]


def connect_with_small_buffer(url: str) -> socket.socket:
    """Return a socket whose receive buffer is small, so that it fills up soon when nothing is read."""
    host, _, port = url.removeprefix("http://").partition(":")
    connected = socket.socket()
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connected.connect((host, int(port)))
    return connected


class SlowReader(ABC):
    """Reads up to `ready`, then nothing until it reads the rest."""

    # The transport by which it reconnects.
    transport: str

    def __init__(self) -> None:
        self.since: dict[str, int] = {}
        self.seqs: Seqs = defaultdict(list)

    @abstractmethod
    async def connect(self, url: str, person: Person) -> None: ...

    @abstractmethod
    async def read_rest(self) -> None:
        """Read what is left, until the server has closed."""

    def handle(self, event: str, data: Any) -> None:
        if event == "ready":
            self.since = {group["id"]: group["head"] for group in data["groups"]}
        elif event == "message":
            self.seqs[data["groupId"]].append(data["seq"])

    def handle_socketio(self, packets: Iterable[str]) -> None:
        for packet in packets:
            if packet.startswith("42"):
                self.handle(*json.loads(packet[2:]))


class WebSocketReader(SlowReader):
    """Does not read its socket, so that the server cannot write to it."""

    path: str

    async def connect(self, url: str, person: Person) -> None:
        self.websocket = await websockets.connect(
            f"ws{url.removeprefix('http')}{self.path}",
            sock=connect_with_small_buffer(url),
            max_queue=1,
            compression=None,
            ping_interval=None,
            close_timeout=1,
        )
        await self.websocket.send(self.hello({"token": person.token}))
        while not self.since:
            self.read(str(await self.websocket.recv()))

    async def read_rest(self) -> None:
        with suppress(websockets.ConnectionClosed):
            while True:
                self.read(str(await self.websocket.recv()))

    @abstractmethod
    def hello(self, auth: dict[str, Any]) -> str: ...

    @abstractmethod
    def read(self, text: str) -> None: ...


class JsonReader(WebSocketReader):
    transport, path = "ws", "/ws/"

    def hello(self, auth: dict[str, Any]) -> str:
        return json.dumps({"event": "connect", "data": auth})

    def read(self, text: str) -> None:
        frame = json.loads(text)
        self.handle(frame["event"], frame["data"])


class SocketIOReader(WebSocketReader):
    transport, path = "websocket", SOCKETIO + "websocket"

    def hello(self, auth: dict[str, Any]) -> str:
        return f"40{json.dumps(auth)}"

    def read(self, text: str) -> None:
        self.handle_socketio([text])


class PollingReader(SlowReader):
    """Stops polling."""

    transport = "polling"

    async def connect(self, url: str, person: Person) -> None:
        self.http = httpx.AsyncClient(base_url=url, timeout=TIMEOUT)
        self.path = SOCKETIO + "polling"
        self.path += f"&sid={json.loads((await self._get())[1:])['sid']}"
        await self.http.post(self.path, content=f"40{json.dumps({'token': person.token})}")
        while not self.since:
            self.handle_socketio((await self._get()).split("\x1e"))

    async def _get(self) -> str:
        return (await self.http.get(self.path)).text

    async def read_rest(self) -> None:
        # The server sends a close packet, or, much later, has no such session any more.
        while (payload := await self._get()).startswith("4"):
            self.handle_socketio(payload.split("\x1e"))
        assert payload == "1" or "Session ID unknown" in payload
        await self.http.aclose()


SLOW_READERS = (JsonReader, SocketIOReader, PollingReader)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    # No heartbeat, so that a client can only be closed for what it leaves unread.
    async with serving({"PING_INTERVAL": "600"}) as server:
        yield server


async def send_batch(speaker: Person, group_id: str, start: int) -> None:
    contents = [f"{number} {CONTENT}" for number in range(start, start + BATCH)]
    send = services.send_message
    await asyncio.gather(*(send(actor=speaker.actor, group_id=group_id, content=content) for content in contents))


def seqs_of(client: WireClient) -> Seqs:
    seqs: Seqs = defaultdict(list)
    for message in client.all("message"):
        seqs[message["groupId"]].append(message["seq"])
    return seqs


async def receive(client: WireClient, count: int) -> None:
    await client.wait_until(lambda: len(client.all("message")) >= count)


@pytest.mark.timeout(300)
async def test_a_slow_reader_is_closed_without_delaying_others_and_catches_up(server: Server) -> None:
    speaker, listener = await person("Speaker"), await person("Listener")
    crews = [
        await groups.create_group(actor=speaker.actor, name=f"Crew {n}", member_ids=[listener.id])
        for n in range(GROUPS)
    ]
    slow_readers = [kind() for kind in SLOW_READERS]
    for slow_reader in slow_readers:
        await slow_reader.connect(server.url, listener)
    start = slow_readers[0].since
    all_seqs = {group.id: list(range(start[group.id] + 1, start[group.id] + 1 + MESSAGES)) for group in crews}
    before = server.resident_megabytes()
    async with AsyncExitStack() as stack:
        readers = [
            await stack.enter_async_context(connected_by(kind.transport, server.url, listener)) for kind in SLOW_READERS
        ]
        for start_of_batch in range(0, MESSAGES, BATCH):
            await asyncio.gather(*(send_batch(speaker, group.id, start_of_batch) for group in crews))
            # This process sends and reads: without waiting here, its own readers would be slow on a busy machine.
            await asyncio.gather(*(receive(reader, GROUPS * (start_of_batch + BATCH)) for reader in readers))
        for reader in readers:
            assert seqs_of(reader) == all_seqs
    assert server.resident_megabytes() - before < 100
    for slow_reader in slow_readers:
        await slow_reader.read_rest()
        seqs = slow_reader.seqs
        assert seqs != all_seqs
        since = {group_id: (seqs[group_id] or [head])[-1] for group_id, head in start.items()}
        async with connected_by(slow_reader.transport, server.url, listener, since=since) as resumed:
            assert resumed.all("ready")[0]["resumed"] == dict.fromkeys(all_seqs, "changes")
            await receive(resumed, GROUPS * MESSAGES - sum(map(len, seqs.values())))
            assert {group: seqs[group] + seqs_of(resumed)[group] for group in all_seqs} == all_seqs
    assert server.resident_megabytes() - before < 100
