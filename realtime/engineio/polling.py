"""The polling door of Engine.IO: GET fetches packets, POST brings them; any request may land on any process."""

import asyncio
import contextlib
from typing import Any
from urllib.parse import parse_qs

import orjson
from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer

from realtime.transport.request import credentials_of, headers_of, is_allowed_origin

from . import packets
from .contract import SessionError
from .deduplicator import stamp_of
from .server import Server

UNKNOWN_TRANSPORT, UNKNOWN_SESSION, BAD_METHOD, BAD_REQUEST, FORBIDDEN, UNSUPPORTED_VERSION = range(6)
_MESSAGES = (
    "Transport unknown",
    "Session ID unknown",
    "Bad handshake method",
    "Bad request",
    "Forbidden",
    "Unsupported protocol version",
)
_TEXT = "text/plain; charset=UTF-8"


class PollingConsumer(AsyncConsumer):  # type: ignore[misc] # channels has no types
    """One HTTP request. It is answered from a task, so that the client's going away is seen meanwhile."""

    def __init__(self, get_server: Any) -> None:
        super().__init__()
        self.server: Server = get_server()
        self.body = bytearray()
        self._answering: asyncio.Task[None] | None = None
        self._answered = False
        self._refused = False

    async def dispatch(self, message: dict[str, Any]) -> None:
        await getattr(self, get_handler_name(message))(message)

    async def http_request(self, message: dict[str, Any]) -> None:
        if self._refused:
            return
        self.body += message.get("body", b"")
        if len(self.body) > self.server.settings.max_payload:
            self._refused = True
            await self._answer(413, b"", "text/plain")
            raise StopConsumer
        if not message.get("more_body"):
            self._answering = asyncio.create_task(self._serve())

    async def http_disconnect(self, message: dict[str, Any]) -> None:
        if not self._answered and self._answering:
            self._answering.cancel()
            sid = self._query().get("sid", [""])[0]
            if sid and self.scope["method"] == "GET":
                with contextlib.suppress(SessionError):
                    await self.server.abort(sid)
        raise StopConsumer

    # --- answering ---------------------------------------------------------------------------------------------------
    async def _serve(self) -> None:
        try:
            await self._route()
        except SessionError as error:
            await self._refuse(error.code)

    async def _route(self) -> None:
        query, method = self._query(), self.scope["method"]
        headers = headers_of(self.scope)
        if not is_allowed_origin(headers):
            await self._refuse(FORBIDDEN)
        elif method == "OPTIONS":
            await self._answer(204, b"", None, self._preflight(headers))
        elif query.get("transport") not in (["polling"], ["websocket"]):
            await self._refuse(UNKNOWN_TRANSPORT)
        elif "sid" in query:
            await self._serve_session(query, method)
        elif method != "GET":
            await self._refuse(BAD_METHOD)
        elif query["transport"] == ["websocket"]:
            await self._refuse(BAD_REQUEST)
        elif query.get("EIO") != [packets.VERSION]:
            await self._refuse(UNSUPPORTED_VERSION)
        else:
            # The client's next request may land on another process.
            await self.server.cluster.reachable()
            session = self.server.open(credentials_of(headers), transport="polling", base64="b64" in query)
            await self._answer(200, (await session.poll()).encode(), _TEXT)

    async def _serve_session(self, query: dict[str, list[str]], method: str) -> None:
        sid, stamp = query["sid"][0], stamp_of(query)
        if query["transport"] != ["polling"] or method not in ("GET", "POST"):
            # Known or not is said first, as the reference does.
            await self.server.transport_of(sid)
            await self._refuse(BAD_REQUEST)
        elif method == "GET":
            await self._answer(200, (await self.server.poll(sid, stamp=stamp)).encode(), _TEXT)
        elif self._is_binary():
            await self._refuse(BAD_REQUEST)
        else:
            await self.server.post(sid, bytes(self.body), stamp=stamp)
            # Only now: the client's next POST, wherever it lands, must not overtake this one.
            await self._answer(200, b"ok", "text/html")

    def _query(self) -> dict[str, list[str]]:
        return parse_qs(self.scope["query_string"].decode("latin-1"), keep_blank_values=True)

    def _is_binary(self) -> bool:
        return headers_of(self.scope).get("content-type", "") == "application/octet-stream"

    async def _refuse(self, code: int) -> None:
        body = orjson.dumps({"code": code, "message": _MESSAGES[code]})
        await self._answer(403 if code == FORBIDDEN else 400, body, "application/json")

    async def _answer(
        self, status: int, body: bytes, content_type: str | None, more: list[tuple[bytes, bytes]] | None = None
    ) -> None:
        if self._answered:
            return
        self._answered = True
        headers = [(b"cache-control", b"no-store"), (b"content-length", str(len(body)).encode()), *(more or [])]
        if content_type:
            headers.append((b"content-type", content_type.encode()))
        headers += self._cross_origin()
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    def _cross_origin(self) -> list[tuple[bytes, bytes]]:
        headers = headers_of(self.scope)
        asker = headers.get("origin")
        if asker is None or not is_allowed_origin(headers):
            return []
        return [
            (b"access-control-allow-origin", asker.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]

    def _preflight(self, headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
        asked = headers.get("access-control-request-headers", "")
        return [
            (b"access-control-allow-methods", b"GET,HEAD,PUT,PATCH,POST,DELETE"),
            (b"access-control-allow-headers", asked.encode("latin-1")),
        ]
