"""The doors of one server whose engines fail: what each answers, and that it says so as it should."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from .cast import Person
from .entry_points import http_client
from .serving import serving
from .wire_client import connected_by

STORE_TIMEOUT = 2.0
# Generous: engines start, elect and recover meanwhile.
PATIENCE = 60.0


class Doors:
    """The doors of one server, as alice."""

    def __init__(self, http: httpx.AsyncClient, url: str, alice: Person, group_id: str) -> None:
        self._http, self._url, self._alice, self._group_id = http, url, alice, group_id

    async def read(self) -> str:
        return await self._request("GET", f"/api/messages?groupId={self._group_id}")

    async def send(self) -> str:
        return await self._request("POST", "/api/messages", json={"groupId": self._group_id, "content": uuid4().hex})

    async def say(self, content: str) -> str:
        """Send a message, and return its id."""
        response = await self._http.post("/api/messages", json={"groupId": self._group_id, "content": content})
        assert response.is_success, response.text
        return str(response.json()["message"]["id"])

    async def messages(self) -> dict[str, str]:
        """Return the contents of the group's last messages by id."""
        response = await self._http.get(f"/api/messages?groupId={self._group_id}&limit=100")
        assert response.is_success, response.text
        return {message["id"]: message["content"] for message in response.json()["messages"]}

    async def upload(self, content: bytes = b"hello") -> str:
        form = {"data": {"groupId": self._group_id}, "files": {"file": ("a.txt", content)}}
        return await self._request("POST", "/api/upload", **form)

    async def store(self, content: bytes) -> str:
        """Upload a file, and return its id once that is acknowledged; tried again while it is unavailable."""
        form = {"data": {"groupId": self._group_id}, "files": {"file": ("a.bin", content)}}
        async with asyncio.timeout(PATIENCE):
            while True:
                response = await self._http.post("/api/upload", **form)  # type: ignore[arg-type]
                if response.status_code != 503:
                    break
                await asyncio.sleep(0.1)
        assert response.status_code == 201, response.text
        return str(response.json()["file"]["id"])

    async def attach(self, file_id: str) -> str:
        """Send a message with this file, and return the message's id."""
        sent = {"groupId": self._group_id, "content": uuid4().hex, "attachments": [file_id]}
        response = await self._http.post("/api/messages", json=sent)
        assert response.is_success, response.text
        return str(response.json()["message"]["id"])

    async def files_of(self, message_id: str) -> list[str]:
        response = await self._http.get(f"/api/messages/{message_id}")
        assert response.is_success, response.text
        return [file["id"] for file in response.json()["attachments"]]

    async def download(self, file_id: str) -> bytes | str:
        """Return the content, or the error's code."""
        response = await self._http.get(f"/api/files/{file_id}")
        return response.content if response.is_success else str(response.json()["error"]["code"])

    async def emit(self) -> str:
        async with connected_by("ws", self._url, self._alice) as socket:
            ack = await socket.send("message", {"groupId": self._group_id, "content": uuid4().hex})
            return "ok" if ack["ok"] else str(ack["error"]["code"])

    async def failing(self) -> set[str]:
        """The engines that the health report finds at fault."""
        response = await self._http.get("/api/health")
        assert (response.status_code == 503) == ("retry-after" in response.headers)
        assert "databases" in response.json(), response.text
        return {name for name, engine in response.json()["databases"].items() if engine["status"] != "ok"}

    async def _request(self, method: str, path: str, **options: object) -> str:
        response = await self._http.request(method, path, **options)  # type: ignore[arg-type]
        if response.is_success:
            return "ok"
        assert response.status_code == 503, response.text
        assert response.headers["retry-after"]
        return str(response.json()["error"]["code"])


@asynccontextmanager
async def doors(engines: Mapping[str, str], alice: Person, group_id: str, log: Path) -> AsyncIterator[Doors]:
    environment = {"STORE_TIMEOUT": str(STORE_TIMEOUT), **engines}
    async with serving(environment, log=log) as server, http_client(server.url, alice) as http:
        yield Doors(http, server.url, alice, group_id)
    text = await asyncio.to_thread(log.read_text)
    assert "never retrieved" not in text, text


async def until(attempt: Callable[[], Awaitable[str]], expected: str = "ok") -> None:
    """Repeat an attempt until it has the expected result."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if await attempt() == expected:
                return
            await asyncio.sleep(0.1)
