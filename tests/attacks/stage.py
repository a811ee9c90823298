"""A running server under attack: what is in it, the doors to it, and the check that it is unharmed."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from chatproject.settings import _RATES
from files import services as files
from groups import services as groups
from messaging import services as messages
from tests.cast import Person, person
from tests.serving import Server, serving
from tests.times import in_a_day
from users.actor import Actor

from .corpus.requests import CSRF, Request
from .raw_http import Answer, exchange

# Rates that nobody reaches, so that each request is counted as it would be.
COUNTED = ",".join(f"{name}=999999999/s" for name in _RATES)
# As in earnest: no page for developers.
ENVIRONMENT = {"DEBUG": "0", "RATE_LIMITS": COUNTED, "MAX_ANONYMOUS_CONNECTIONS": "0"}
# How far bodies of a megabyte, and what was made of them, may take the memory before it is collected. Eight rounds
# of the whole corpus level off at 250.
MEGABYTES = 350
# Connections to the engines, and what requests have open.
OPEN_FILES = 150
# A page has what is in the group, and what was typed if it is not absurd; nothing of a megabyte.
MAX_HEAD, MAX_ANSWER = 8_000, 400_000
# What grows with something else than what is sent: the page of accounts with all open invitations, which other tests
# make too, and the description of the API with its addresses.
LARGE_ANSWERS = {"/accounts": 900_000, "/api/schema": 1_000_000}


@dataclass
class Stage:
    server: Server
    log: Path
    alice: Person
    names: dict[str, str]
    megabytes: float
    open_files: int

    def check(self) -> None:
        """The server is unharmed: nothing raised, and its memory has not grown by more than bounds allow."""
        log = self.log.read_text()
        for sign in ("Traceback", "never retrieved", " ERROR ", " CRITICAL "):
            if (at := log.find(sign)) >= 0:
                pytest.fail(log[max(0, at - 500) : at + 5_000])
        assert self.server.resident_megabytes() < self.megabytes + MEGABYTES
        assert self.server.process.num_fds() < self.open_files + OPEN_FILES

    async def send(self, request: Request) -> Answer:
        raw = request.raw(self.names)
        return await asyncio.to_thread(exchange, self.server.port, raw, hangs_up=request.hangs_up)

    async def fault_of(self, request: Request) -> str:
        """Send a request of the corpus; return what is wrong with its answer, or nothing."""
        answer = await self.send(request)
        if answer.status >= 500 or not (answer.status or request.hangs_up):
            return f"{answer.status} {answer.body[:300]!r}"
        sizes = len(answer.head), len(answer.body)
        largest = next((most for path, most in LARGE_ANSWERS.items() if request.path.startswith(path)), MAX_ANSWER)
        return f"{answer.status} of {sizes} bytes" if sizes[0] > MAX_HEAD or sizes[1] > largest else ""

    async def attempt(self, requests: Iterable[Request]) -> None:
        """Send all of these; none is answered wrongly, and the server is unharmed."""
        faults = {request.title: fault for request in requests if (fault := await self.fault_of(request))}
        if faults:
            pytest.fail("\n".join(f"{title}: {fault}" for title, fault in faults.items()))
        self.check()

    async def json_socket(self) -> ClientConnection:
        """Return a connection to `/ws/` that is signed in."""
        socket = await self._socket("/ws/")
        await socket.send(json.dumps({"event": "connect", "data": {"token": self.alice.token}}))
        while json.loads(await socket.recv()).get("event") != "ready":
            pass
        return socket

    async def socketio(self) -> ClientConnection:
        """Return a connection of Socket.IO that is signed in."""
        socket = await self._socket("/socket.io/?EIO=4&transport=websocket")
        await socket.send("40" + json.dumps({"token": self.alice.token}))
        while not str(await socket.recv()).startswith('42["ready"'):
            pass
        return socket

    async def _socket(self, path: str) -> ClientConnection:
        url = self.server.url.replace("http", "ws", 1) + path
        return await connect(url, ping_interval=None, max_size=None, close_timeout=1)


@asynccontextmanager
async def attacked(
    log: Path, *, environment: Mapping[str, str] = ENVIRONMENT, arrive: Callable[[str], Awaitable[Person]] = person
) -> AsyncIterator[Stage]:
    """Run a server in which alice has two groups, a message and a file; `arrive` signs a new person in."""
    async with serving(environment, log=log) as server:
        alice, bob = await arrive("Alice"), await arrive("Bob")
        names = await scenery(alice, bob)
        yield Stage(server, log, alice, names, server.resident_megabytes(), server.process.num_fds())


async def scenery(alice: Person, bob: Person) -> dict[str, str]:
    """Return what the names in requests of the corpus stand for."""
    group, other = [
        await groups.create_group(actor=alice.actor, name=name, member_ids=[bob.id]) for name in ("Harbour", "Pier")
    ]
    sent = await messages.send_message(actor=alice.actor, group_id=group.id, content="hello")
    file_id = await _stored(alice.actor, group.id)
    await messages.send_message(actor=alice.actor, group_id=group.id, content="look", attachments=[file_id])
    return {
        "$group": group.id,
        "$other": other.id,
        "$message": sent["message"]["id"],
        "$file": file_id,
        "$user": bob.id,
        # By a clock without an offset.
        "$tomorrow": in_a_day()[:16],
        "$cookie": f"csrftoken={CSRF}; __session={alice.token}",
    }


async def _stored(actor: Actor, group_id: str) -> str:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"x" * 1_000

    incoming = files.IncomingFile("a.txt", "text/plain", chunks())
    (stored,) = await files.store_files(actor=actor, group_id=group_id, files=[incoming])
    return stored.id
