"""A push service on loopback: it verifies each push, decrypts it as a browser would, and answers what it is told."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from .browser import Browser, verify_vapid


@dataclass(frozen=True)
class Received:
    """A push that has arrived: its headers by lower-case name, what it carries, and whose it is."""

    path: str
    headers: dict[str, str]
    payload: dict[str, Any]


@dataclass
class PushService:
    """`answers` has by path the bytes that are answered in place of 201; `slow` are paths that get no answer."""

    browsers: dict[str, Browser] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    answers: dict[str, bytes] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)
    port: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def subscribe(self) -> dict[str, Any]:
        """Return a subscription of a new browser, as its `toJSON` would."""
        path, browser = f"/push/{uuid4().hex}", Browser()
        self.browsers[path] = browser
        return {"endpoint": f"{self.origin}{path}", "keys": browser.keys}

    async def wait_for(self, count: int) -> list[Received]:
        async with asyncio.timeout(30):
            while len(self.received) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return self.received

    def to(self, subscription: dict[str, Any], kind: str = "message") -> list[dict[str, Any]]:
        """Return what has arrived for a subscription."""
        path = self.path_of(subscription)
        return [each.payload for each in self.received if each.path == path and each.payload["type"] == kind]

    def path_of(self, subscription: Mapping[str, Any]) -> str:
        path: str = subscription["endpoint"].removeprefix(self.origin)
        return path

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._request(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.rstrip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append(f"{method} {path}")
        if path in self.slow:
            await asyncio.sleep(3600)
        answer = self.answers.get(path) or b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
        if path not in self.answers:
            self._take(method, path, headers, body)
        writer.write(answer)
        await writer.drain()
        return path not in self.answers

    def _take(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        try:
            assert method == "POST"
            assert headers["content-encoding"] == "aes128gcm"
            assert len(body) <= 4096
            assert int(headers["ttl"]) > 0
            assert len(headers["topic"]) <= 32
            claims, _ = verify_vapid(headers["authorization"])
            assert claims["aud"] == self.origin
            assert time.time() < claims["exp"] <= time.time() + 24 * 3600
            payload = json.loads(self.browsers[path].decrypt(body))
        except Exception as error:  # whatever is wrong with it, who waits is to say
            self.faults.append(repr(error))
            return
        self.received.append(Received(path, headers, payload))
        self.arrived.set()


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    service = PushService()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    service.port = server.sockets[0].getsockname()[1]
    try:
        yield service
    finally:
        server.close()
        assert service.faults == []
