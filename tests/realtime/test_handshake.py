"""Handshakes byte by byte: with our protocols and with those of uvicorn, the same are accepted and the same refused."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.serving import Server, serving, uvicorn_over_asgi

Headers = dict[str, str | list[str] | None]
SOCKET_IO = "/socket.io/?EIO=4&transport=websocket"
# What every client sends; a None takes a header away, a list sends it more than once.
HEADERS: Headers = {
    "Host": "chat.localhost",
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    # Of RFC 6455, section 1.3, with the value that accepts it.
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
}
HOSTS = {"ALLOWED_HOSTS": "127.0.0.1,chat.localhost"}
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.fixture(scope="module")
async def guarded() -> AsyncIterator[Server]:
    async with serving(HOSTS) as server:
        yield server


@pytest.fixture(scope="module")
async def plain() -> AsyncIterator[Server]:
    async with serving(HOSTS, server=uvicorn_over_asgi) as server:
        yield server


@pytest.fixture(params=["guarded", "plain"])
def server(request: pytest.FixtureRequest, guarded: Server, plain: Server) -> Server:
    return guarded if request.param == "guarded" else plain


async def handshake(
    server: Server, path: str, *, line: str = "GET {} HTTP/1.1", changed: Headers | None = None
) -> tuple[int, str, bytes]:
    """Return the status, the head and what else came until the websocket's first frame, or the end."""
    lines = [line.format(path)]
    for name, value in (HEADERS | (changed or {})).items():
        lines += [f"{name}: {each}" for each in (value if isinstance(value, list) else [value]) if each is not None]
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        async with asyncio.timeout(15):
            writer.write("\r\n".join([*lines, "", ""]).encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            status = int(head.split()[1])
            return status, head, await reader.read(200) if status == 101 and "/ws/" not in path else b""
    finally:
        writer.close()


async def test_a_session_opens_with_its_first_packet(server: Server) -> None:
    status, head, rest = await handshake(server, SOCKET_IO)
    assert status == 101
    assert f"sec-websocket-accept: {ACCEPT}\r\n".lower() in head.lower()
    # No extension was agreed on: the frames are not compressed.
    assert "extensions" not in head.lower()
    assert rest[:1] == b"\x81"
    assert b'0{"sid":"' in rest


@pytest.mark.parametrize("path", ["/ws/", "/ws/?", SOCKET_IO + "&b64=1", "/socket.io/?transport=websocket&EIO=4&t=x"])
async def test_every_endpoint_accepts_a_valid_query(server: Server, path: str) -> None:
    assert (await handshake(server, path))[0] == 101


@pytest.mark.parametrize("origin", [None, "http://chat.localhost"])
async def test_programs_and_pages_of_the_same_host_are_accepted(server: Server, origin: str | None) -> None:
    assert (await handshake(server, SOCKET_IO, changed={"Origin": origin}))[0] == 101


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/socket.io/?EIO=3&transport=websocket", 403),
        ("/socket.io/?EIO=4&transport=polling", 403),
        (SOCKET_IO + "&sid=nobody", 403),
        ("/socket.io/", 403),
    ],
)
async def test_an_endpoint_refuses_an_invalid_query(server: Server, path: str, status: int) -> None:
    assert (await handshake(server, path))[0] == status


@pytest.mark.parametrize("path", [SOCKET_IO, "/ws/"])
async def test_a_page_of_another_site_is_refused(server: Server, path: str) -> None:
    assert (await handshake(server, path, changed={"Origin": "https://evil.example"}))[0] == 403


@pytest.mark.parametrize("path", [SOCKET_IO, "/ws/"])
@pytest.mark.parametrize(
    "changed",
    [
        # A site whose name leads here (DNS rebinding): its pages are of the same host.
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Host": "evil.example"},
        {"Host": "evil.example:3000"},
        {"Host": ""},
        # This server's pages come over http.
        {"Origin": "https://chat.localhost"},
    ],
)
async def test_another_host_and_another_scheme_are_refused(server: Server, path: str, changed: Headers) -> None:
    assert (await handshake(server, path, changed=changed))[0] in (400, 403)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
        ({"Host": "chat.localhost", "Origin": "http://chat.localhost"}, 200),
        ({"Host": "chat.localhost", "Origin": "https://chat.localhost"}, 403),
    ],
)
async def test_polling_is_refused_for_the_same(guarded: Server, headers: dict[str, str], status: int) -> None:
    async with httpx.AsyncClient(base_url=guarded.url) as client:
        assert (await client.get("/socket.io/?EIO=4&transport=polling", headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Sec-WebSocket-Version": "8"}, 400),
        ({"Sec-WebSocket-Version": None}, 400),
        ({"Sec-WebSocket-Key": None}, 400),
        ({"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ"}, 400),
        ({"Sec-WebSocket-Key": "c2hvcnQ="}, 400),
        ({"Sec-WebSocket-Key": [str(HEADERS["Sec-WebSocket-Key"])] * 2}, 400),
        # A second one beside the browser's must not decide.
        ({"Origin": ["http://chat.localhost", "https://evil.example"]}, 400),
        ({"Origin": ["https://evil.example", "http://chat.localhost"]}, 400),
    ],
    ids=["version 8", "no version", "no key", "no whole key", "short key", "two keys", "two origins", "two others"],
)
async def test_an_invalid_handshake_is_refused(server: Server, changed: Headers, status: int) -> None:
    assert (await handshake(server, SOCKET_IO, changed=changed))[0] == status


async def test_only_a_get_opens_a_websocket(server: Server) -> None:
    assert (await handshake(server, SOCKET_IO, line="POST {} HTTP/1.1"))[0] == 405


async def test_an_empty_body_is_allowed(server: Server) -> None:
    assert (await handshake(server, SOCKET_IO, changed={"Content-Length": "0"}))[0] == 101


async def test_a_header_that_does_not_matter_may_come_twice(server: Server) -> None:
    assert (await handshake(server, SOCKET_IO, changed={"X-Forwarded-For": ["10.0.0.1", "10.0.0.2"]}))[0] == 101


@pytest.mark.parametrize(
    "changed",
    [
        {"Content-Length": "5"},
        {"Transfer-Encoding": "chunked"},
        {f"X-{number}": "x" for number in range(200)},
        {"Cookie": "x" * 20_000},
    ],
    ids=["a body", "chunks", "too many headers", "a long header"],
)
async def test_a_request_over_the_limits_gets_a_response(guarded: Server, changed: Headers) -> None:
    assert (await handshake(guarded, SOCKET_IO, changed=changed))[0] == 400
    assert (await handshake(guarded, "/elsewhere", changed=changed))[0] == 400


async def test_a_path_that_is_not_ascii_gets_a_response(guarded: Server) -> None:
    assert (await handshake(guarded, f"{SOCKET_IO}&t=\u00e9"))[0] == 400


async def test_a_header_that_is_not_ascii_is_no_error(guarded: Server) -> None:
    assert (await handshake(guarded, SOCKET_IO, changed={"X-Name": "\u00e9"}))[0] == 101


REQUEST = b"GET /api/health/live HTTP/1.1\r\nHost: chat.localhost\r\n\r\n"
UPGRADE = "\r\n".join(
    [f"GET {SOCKET_IO} HTTP/1.1", *(f"{name}: {value}" for name, value in HEADERS.items()), "", ""]
).encode()


async def test_a_connection_that_was_used_before_may_carry_a_websocket(guarded: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", guarded.port)
    async with asyncio.timeout(15):
        writer.write(REQUEST)
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
        writer.write(UPGRADE)
        await reader.readuntil(b"101 Switching Protocols\r\n")
        await reader.readuntil(b'0{"sid":"')
    writer.close()


async def test_a_handshake_before_the_last_response_was_written_is_refused(guarded: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", guarded.port)
    async with asyncio.timeout(15):
        writer.write(REQUEST + UPGRADE)
        with contextlib.suppress(ConnectionResetError):
            assert b" 101 " not in await reader.read()
    writer.close()
