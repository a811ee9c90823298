"""A client that stops reading costs the others nothing: it is closed, and catches up when it comes back."""

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
from tests.socket_client import PATIENCE
from tests.wire_client import WireClient, connected_by

# More than a client may leave unread, but in each group few enough to be brought up to date.
GROUPS, MESSAGES = 3, 600
CONTENT = "x" * 9_990
SOCKETIO = "/socket.io/?EIO=4&transport="

Seqs = dict[str, list[int]]


def narrow(url: str) -> socket.socket:
    """A line whose receiving end takes very little, so that not reading is felt soon."""
    host, _, port = url.removeprefix("http://").partition(":")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect((host, int(port)))
    return line


class Sleeper(ABC):
    """Reads up to `ready`, then nothing until it wakes up."""

    # The transport by which it comes back.
    transport: str

    def __init__(self) -> None:
        self.since: dict[str, int] = {}
        self.told: Seqs = defaultdict(list)

    @abstractmethod
    async def fall_asleep(self, url: str, who: Person) -> None: ...

    @abstractmethod
    async def wake_up(self) -> None:
        """Read what there is, until the server has closed."""

    def take(self, event: str, data: Any) -> None:
        if event == "ready":
            self.since = {group["id"]: group["head"] for group in data["groups"]}
        elif event == "message":
            self.told[data["groupId"]].append(data["seq"])

    def take_socketio(self, packets: Iterable[str]) -> None:
        for packet in packets:
            if packet.startswith("42"):
                self.take(*json.loads(packet[2:]))


class OnWebSocket(Sleeper):
    """It is the line that is full: the server cannot get rid of what it has."""

    path: str

    async def fall_asleep(self, url: str, who: Person) -> None:
        self.line = await websockets.connect(
            f"ws{url.removeprefix('http')}{self.path}",
            sock=narrow(url),
            max_queue=1,
            compression=None,
            ping_interval=None,
            close_timeout=1,
        )
        await self.line.send(self.hello({"token": who.token}))
        while not self.since:
            self.read(str(await self.line.recv()))

    async def wake_up(self) -> None:
        with suppress(websockets.ConnectionClosed):
            while True:
                self.read(str(await self.line.recv()))

    @abstractmethod
    def hello(self, auth: dict[str, Any]) -> str: ...

    @abstractmethod
    def read(self, text: str) -> None: ...


class OnJson(OnWebSocket):
    transport, path = "ws", "/ws/"

    def hello(self, auth: dict[str, Any]) -> str:
        return json.dumps({"event": "connect", "data": auth})

    def read(self, text: str) -> None:
        frame = json.loads(text)
        self.take(frame["event"], frame["data"])


class OnSocketIO(OnWebSocket):
    transport, path = "websocket", SOCKETIO + "websocket"

    def hello(self, auth: dict[str, Any]) -> str:
        return f"40{json.dumps(auth)}"

    def read(self, text: str) -> None:
        self.take_socketio([text])


class OnPolling(Sleeper):
    """It fetches nothing any more."""

    transport = "polling"

    async def fall_asleep(self, url: str, who: Person) -> None:
        self.http = httpx.AsyncClient(base_url=url, timeout=PATIENCE)
        self.address = SOCKETIO + "polling"
        self.address += f"&sid={json.loads((await self._get())[1:])['sid']}"
        await self.http.post(self.address, content=f"40{json.dumps({'token': who.token})}")
        while not self.since:
            self.take_socketio((await self._get()).split("\x1e"))

    async def _get(self) -> str:
        return (await self.http.get(self.address)).text

    async def wake_up(self) -> None:
        # It is told to close, or, much later, that nobody knows it any more.
        while (answer := await self._get()).startswith("4"):
            self.take_socketio(answer.split("\x1e"))
        assert answer == "1" or "Session ID unknown" in answer
        await self.http.aclose()


SLEEPERS = (OnJson, OnSocketIO, OnPolling)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    # No heartbeat: whoever is closed here is closed for what it leaves unread.
    async with serving({"PING_INTERVAL": "600"}) as server:
        yield server


async def flood(speaker: Person, group_id: str) -> None:
    for start in range(0, MESSAGES, 50):
        numbers = range(start, start + 50)
        sending = (
            services.send_message(actor=speaker.actor, group_id=group_id, content=f"{n} {CONTENT}") for n in numbers
        )
        await asyncio.gather(*sending)


def seqs_of(client: WireClient) -> Seqs:
    told: Seqs = defaultdict(list)
    for message in client.all("message"):
        told[message["groupId"]].append(message["seq"])
    return told


@pytest.mark.timeout(300)
async def test_who_stops_reading_is_closed_costs_the_others_nothing_and_catches_up(server: Server) -> None:
    speaker, listener = await person("Speaker"), await person("Listener")
    made = [
        await groups.create_group(actor=speaker.actor, name=f"Crew {n}", member_ids=[listener.id])
        for n in range(GROUPS)
    ]
    sleepers = [kind() for kind in SLEEPERS]
    for sleeper in sleepers:
        await sleeper.fall_asleep(server.url, listener)
    start = sleepers[0].since
    everything = {group.id: list(range(start[group.id] + 1, start[group.id] + 1 + MESSAGES)) for group in made}
    before = server.resident_megabytes()
    async with AsyncExitStack() as stack:
        readers = [
            await stack.enter_async_context(connected_by(kind.transport, server.url, listener)) for kind in SLEEPERS
        ]
        await asyncio.gather(*(flood(speaker, group.id) for group in made))
        for reader in readers:
            await reader.wait_until(lambda reader=reader: len(reader.all("message")) >= GROUPS * MESSAGES)  # type: ignore[misc]
            assert seqs_of(reader) == everything
    assert server.resident_megabytes() - before < 100
    for sleeper in sleepers:
        await sleeper.wake_up()
        assert sleeper.told != everything
        since = {group_id: (sleeper.told[group_id] or [known])[-1] for group_id, known in start.items()}
        async with connected_by(sleeper.transport, server.url, listener, since=since) as back:
            assert back.all("ready")[0]["resumed"] == dict.fromkeys(everything, "changes")
            left = GROUPS * MESSAGES - sum(map(len, sleeper.told.values()))
            await back.wait_until(lambda back=back, left=left: len(back.all("message")) >= left)  # type: ignore[misc]
            assert {group: sleeper.told[group] + seqs_of(back)[group] for group in everything} == everything
    assert server.resident_megabytes() - before < 100
