"""Engine.IO's polling: a GET receives packets, a POST sends them; each may arrive at any process."""

import asyncio
import contextlib
import logging
from typing import Any
from urllib.parse import parse_qs

import orjson
from channels.exceptions import StopConsumer

from foundation.counters import INTERNAL, errors
from foundation.errors import RateLimited
from foundation.limits import compute
from foundation.limits.connections import RETRY_AFTER, anonymous_connections
from realtime.transport.consumer import LayerlessConsumer
from realtime.transport.request import ADDRESS, credentials_of, headers_of, is_allowed

from . import packets
from .contract import BAD_REQUEST, UNKNOWN_SESSION, SessionError
from .deduplicator import stamp_of
from .server import Server

logger = logging.getLogger(__name__)

# The error codes and messages of the reference.
UNKNOWN_TRANSPORT, BAD_METHOD, FORBIDDEN, UNSUPPORTED_VERSION = 0, 2, 4, 5
_MESSAGES = {
    UNKNOWN_TRANSPORT: "Transport unknown",
    UNKNOWN_SESSION: "Session ID unknown",
    BAD_METHOD: "Bad handshake method",
    BAD_REQUEST: "Bad request",
    FORBIDDEN: "Forbidden",
    UNSUPPORTED_VERSION: "Unsupported protocol version",
}
_TEXT = "text/plain; charset=UTF-8"


class PollingConsumer(LayerlessConsumer):
    """One HTTP request. A task responds to it, so that a disconnect is noticed while a GET waits."""

    def __init__(self, get_server: Any) -> None:
        super().__init__()
        self.server: Server = get_server()
        self.body = bytearray()
        self._responding: asyncio.Task[None] | None = None
        self._responded = False
        self._too_large = False

    async def http_request(self, message: dict[str, Any]) -> None:
        if self._too_large:
            return
        self.body += message.get("body", b"")
        if len(self.body) > self.server.settings.max_payload:
            self._too_large = True
            await self._respond(413, b"", "text/plain")
            raise StopConsumer
        if not message.get("more_body"):
            self._responding = asyncio.create_task(self._serve())

    async def http_disconnect(self, message: dict[str, Any]) -> None:
        if not self._responded and self._responding:
            self._responding.cancel()
            sid = self._query().get("sid", [""])[0]
            if sid and self.scope["method"] == "GET":
                with contextlib.suppress(SessionError):
                    await self.server.abort_poll(sid)
        raise StopConsumer

    # --- the response ------------------------------------------------------------------------------------------------
    async def _serve(self) -> None:
        caller = compute.at_address(self.scope)
        sid = self._query().get("sid")
        if sid is None:
            await compute.wait_for_turn(caller, is_request=True)
        elif session := self.server.local_session(sid[0]):
            # Its session waits itself, where it has to.
            caller = session.caller
        else:
            # There is none, or another process has it.
            await compute.wait_for_turn(caller)
        await compute.metered(caller, self._answer())

    async def _answer(self) -> None:
        try:
            await self._route()
        except SessionError as error:
            await self._refuse(error.code)
        except Exception:  # the client would wait for as long as its own time-out
            errors.count(INTERNAL)
            logger.exception("a polling request failed")
            await self._respond(500, b"Internal Server Error", _TEXT)

    async def _route(self) -> None:
        query, method = self._query(), self.scope["method"]
        headers = headers_of(self.scope)
        if not is_allowed(headers):
            await self._refuse(FORBIDDEN)
        elif method == "OPTIONS":
            await self._respond(204, b"", None, self._preflight_headers(headers))
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
            await self._open_session(headers, base64="b64" in query)

    async def _open_session(self, request_headers: dict[str, str], *, base64: bool) -> None:
        credentials = credentials_of(self.scope, request_headers)
        if anonymous_connections.is_full(credentials[ADDRESS]):
            error = RateLimited(retry_after=RETRY_AFTER)
            errors.count(error.code)
            headers = [(name.lower().encode(), value.encode()) for name, value in error.headers().items()]
            await self._respond(error.status, orjson.dumps({"error": error.as_wire()}), "application/json", headers)
            return
        # The client's next request may arrive at another process.
        await self.server.cluster.wait_until_reachable()
        session = self.server.open_session(credentials, transport="polling", base64=base64)
        await self._respond(200, (await self.server.poll(session.sid)).encode(), _TEXT)

    async def _serve_session(self, query: dict[str, list[str]], method: str) -> None:
        sid, stamp = query["sid"][0], stamp_of(query)
        if query["transport"] != ["polling"] or method not in ("GET", "POST"):
            # As in the reference, an unknown session is an error before a bad request is one.
            await self.server.transport_of(sid)
            await self._refuse(BAD_REQUEST)
        elif method == "GET":
            await self._respond(200, (await self.server.poll(sid, stamp=stamp)).encode(), _TEXT)
        elif self._is_binary():
            await self._refuse(BAD_REQUEST)
        else:
            await self.server.post(sid, bytes(self.body), stamp=stamp)
            # Not before the owner has it: the next POST, through another process, must not overtake this one.
            await self._respond(200, b"ok", "text/html")

    def _query(self) -> dict[str, list[str]]:
        return parse_qs(self.scope["query_string"].decode("latin-1"), keep_blank_values=True)

    def _is_binary(self) -> bool:
        return headers_of(self.scope).get("content-type", "") == "application/octet-stream"

    async def _refuse(self, code: int) -> None:
        body = orjson.dumps({"code": code, "message": _MESSAGES[code]})
        await self._respond(403 if code == FORBIDDEN else 400, body, "application/json")

    async def _respond(
        self, status: int, body: bytes, content_type: str | None, extra: list[tuple[bytes, bytes]] | None = None
    ) -> None:
        if self._responded:
            return
        self._responded = True
        headers = [
            (b"cache-control", b"no-store"),
            (b"content-length", str(len(body)).encode()),
            *(extra or []),
        ]
        if content_type:
            headers.append((b"content-type", content_type.encode()))
        headers += self._cors_headers()
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    def _cors_headers(self) -> list[tuple[bytes, bytes]]:
        headers = headers_of(self.scope)
        origin = headers.get("origin")
        if origin is None or not is_allowed(headers):
            return []
        return [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]

    def _preflight_headers(self, headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
        requested = headers.get("access-control-request-headers", "")
        return [
            (b"access-control-allow-methods", b"GET,HEAD,PUT,PATCH,POST,DELETE"),
            (b"access-control-allow-headers", requested.encode("latin-1")),
        ]
