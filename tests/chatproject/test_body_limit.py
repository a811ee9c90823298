"""A body that is too large, too slow or anonymous is refused before it is stored, and its sender can read why."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from django.conf import settings as conf
from pytest_django import Settings

from chatproject import body_limit, refusal
from chatproject.body_limit import UPLOAD_PATH, BodyLimit
from chatproject.refusal import Message, Receive, Scope, Send
from tests.cast import Person
from tests.serving import Server, serving
from users.services import end_session

KILOBYTE = 1024


class Caller:
    """An ASGI server with one request: `pieces` arrive, then nothing, or with `gone` a disconnect."""

    def __init__(self, *pieces: bytes, path: str = "/api/groups", gone: bool = False, **headers: str) -> None:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.scope: Scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "headers": [(name.encode(), value.encode()) for name, value in names.items()],
        }
        self._pieces, self._gone = list(pieces), gone
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        if self._pieces:
            body = self._pieces.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(self._pieces) or self._gone}
        if not self._gone:
            await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def unread(self) -> int:
        return len(self._pieces)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def error(self) -> dict[str, Any]:
        body = b"".join(message.get("body", b"") for message in self.sent[1:])
        assert dict(self.sent[0]["headers"])[b"content-length"] == str(len(body)).encode()
        assert not self.sent[-1].get("more_body")
        error: dict[str, Any] = json.loads(body)["error"]
        return error


class Application:
    """Reads the whole body, as Django does, and keeps it."""

    def __init__(self) -> None:
        self.body: bytes | None = None
        self.disconnected = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.disconnected = True
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.body = body
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def call(caller: Caller) -> Application:
    application = Application()
    async with asyncio.timeout(5):
        await BodyLimit(application)(caller.scope, caller.receive, caller.send)
    return application


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.MAX_BODY_BYTES = KILOBYTE
    settings.MAX_FILE_BYTES = 10 * KILOBYTE


@pytest.mark.parametrize("path", ["/api/groups", UPLOAD_PATH])
async def test_a_body_up_to_the_limit_passes(alice: Person, path: str) -> None:
    size = KILOBYTE if path != UPLOAD_PATH else 11 * KILOBYTE
    application = await call(Caller(bytes(size - 1), b"x", path=path, authorization=f"Bearer {alice.token}"))
    assert application.body is not None
    assert len(application.body) == size


@pytest.mark.parametrize("path", ["/api/groups", UPLOAD_PATH, f"{UPLOAD_PATH}/more"])
async def test_a_body_declared_too_large_is_refused_unread(alice: Person, path: str) -> None:
    size = KILOBYTE + 1 if path != UPLOAD_PATH else 11 * KILOBYTE + 1
    caller = Caller(bytes(size), path=path, content_length=str(size), authorization=f"Bearer {alice.token}")
    application = await call(caller)
    assert (caller.status, caller.error["code"], application.body) == (413, "too_large", None)


@pytest.mark.parametrize("path", ["/api/groups", UPLOAD_PATH])
async def test_a_body_without_a_length_is_counted(alice: Person, path: str) -> None:
    caller = Caller(*[bytes(KILOBYTE)] * 12, b"the end", path=path, authorization=f"Bearer {alice.token}")
    application = await call(caller)
    assert (caller.status, caller.error["code"], application.disconnected) == (413, "too_large", True)
    assert caller.unread == 0


async def test_a_length_that_is_too_small_does_not_help() -> None:
    caller = Caller(*[bytes(KILOBYTE)] * 3, content_length="10")
    await call(caller)
    assert caller.status == 413


@pytest.mark.parametrize(
    "headers",
    [
        *({"cookie": cookie} for cookie in ("", "csrftoken=x", "not__session=x", "garbage", "__session=x")),
        *({"authorization": value} for value in ("x", "Bearer x", "Bearer", "Basic eDp4", "Bearer a.b.c")),
    ],
)
async def test_an_anonymous_upload_is_refused_before_it_is_read(headers: dict[str, str]) -> None:
    caller = Caller(bytes(5 * KILOBYTE), path=UPLOAD_PATH, **headers)  # type: ignore[arg-type] # none is named gone
    application = await call(caller)
    assert (caller.status, caller.error["code"], application.body) == (401, "unauthenticated", None)
    assert dict(caller.sent[0]["headers"])[b"www-authenticate"] == b"Bearer"


async def test_an_upload_of_an_ended_session_is_refused_before_it_is_read(alice: Person) -> None:
    await end_session(actor=alice.actor)
    caller = Caller(bytes(5 * KILOBYTE), path=UPLOAD_PATH, authorization=f"Bearer {alice.token}")
    application = await call(caller)
    assert (caller.status, caller.error["code"], application.body) == (401, "token_expired", None)


async def test_a_session_cookie_is_enough_to_be_read(alice: Person) -> None:
    cookie = f"a=b; {conf.SESSION_COOKIE}={alice.token}"
    assert (await call(Caller(b"x", path=UPLOAD_PATH, cookie=cookie))).body == b"x"


async def test_a_preflight_request_needs_no_credentials() -> None:
    caller = Caller(b"", path=UPLOAD_PATH)
    caller.scope["method"] = "OPTIONS"
    assert (await call(caller)).body == b""


async def test_a_page_of_an_allowed_origin_can_read_the_refusal() -> None:
    allowed = Caller(b"", path=UPLOAD_PATH, origin=conf.CORS_ALLOWED_ORIGINS[0])
    await call(allowed)
    assert dict(allowed.sent[0]["headers"])[b"access-control-allow-origin"] == conf.CORS_ALLOWED_ORIGINS[0].encode()
    foreign = Caller(b"", path=UPLOAD_PATH, origin="https://elsewhere.example")
    await call(foreign)
    assert b"access-control-allow-origin" not in dict(foreign.sent[0]["headers"])


@pytest.mark.parametrize("sent", [0, 1, 3])
async def test_a_disconnect_ends_the_request(sent: int) -> None:
    caller = Caller(*[bytes(KILOBYTE // 2)] * sent, gone=True)
    assert (await call(caller)).body is None


async def test_a_body_that_stalls_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(refusal, "DRAIN_SECONDS", 0.05)
    caller = Caller(b"x", gone=True)

    async def nothing_more() -> Message:
        if caller.unread:
            return await Caller.receive(caller)
        await asyncio.sleep(60)
        raise AssertionError

    application = Application()
    async with asyncio.timeout(5):
        await BodyLimit(application)(caller.scope, nothing_more, caller.send)
    assert (caller.status, caller.error["retryable"], application.disconnected) == (408, True, True)


async def test_waiting_for_a_disconnect_has_no_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the body is complete, Django waits for a disconnect while it makes the response, however long that takes."""
    monkeypatch.setattr(body_limit, "IDLE_SECONDS", 0.05)
    caller = Caller(b"x")

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["body"] == b"x"
        with suppress(TimeoutError):
            await asyncio.wait_for(receive(), 0.2)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    await BodyLimit(application)(caller.scope, caller.receive, caller.send)
    assert caller.status == 200


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({"MAX_BODY_BYTES": str(100 * KILOBYTE), "MAX_FILE_BYTES": str(500 * KILOBYTE)}) as server:
        yield server


async def _post(server: Server, head: str, body: bytes) -> tuple[str, dict[str, Any]]:
    """Send the whole body before reading, as simple clients do; return the status line and the error."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    async with asyncio.timeout(20):
        writer.write(head.encode() + b"\r\n\r\n" + body)
        await writer.drain()
        response = await reader.read()
    writer.close()
    await writer.wait_closed()
    top, _, rest = response.partition(b"\r\n\r\n")
    return top.split(b"\r\n")[0].decode(), json.loads(rest)["error"]


@pytest.mark.parametrize("path", ["/api/groups", UPLOAD_PATH])
async def test_a_real_servers_refusal_can_be_read_after_sending_everything(
    server: Server, alice: Person, path: str
) -> None:
    size = 8 * 1024 * KILOBYTE
    start = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {alice.token}\r\n"
    status, error = await _post(server, f"{start}Content-Length: {size}", bytes(size))
    assert (status.split()[1], error["code"]) == ("413", "too_large")
    pieces = b"".join(b"10000\r\n" + bytes(65536) + b"\r\n" for _ in range(64)) + b"0\r\n\r\n"
    status, error = await _post(server, f"{start}Transfer-Encoding: chunked", pieces)
    assert (status.split()[1], error["code"]) == ("413", "too_large")


async def test_on_a_real_server_expect_100_continue_is_refused_before_the_body(server: Server) -> None:
    head = f"POST {UPLOAD_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000\r\nExpect: 100-continue"
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"{head}\r\n\r\n".encode())
    async with asyncio.timeout(5):
        assert (await reader.readline()).startswith(b"HTTP/1.1 401")
    writer.close()
    await writer.wait_closed()
