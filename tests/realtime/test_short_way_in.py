"""Handshakes byte by byte: by the short way in and by the long one, the same are let in and the same refused."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.serving import Server, serving, uvicorn_the_long_way_in

Headers = dict[str, str | list[str] | None]
SOCKET_IO = "/socket.io/?EIO=4&transport=websocket"
# What every client sends; a None takes a header away, a list sends it more than once.
HEADERS: Headers = {
    "Host": "chat.example",
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    # Of RFC 6455, section 1.3, with the answer that it must get.
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
}
ANSWER = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.fixture(scope="module")
async def as_we_run_it() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


@pytest.fixture(scope="module")
async def the_long_way() -> AsyncIterator[Server]:
    async with serving({}, server=uvicorn_the_long_way_in) as server:
        yield server


@pytest.fixture(params=["short", "long"])
def server(request: pytest.FixtureRequest, as_we_run_it: Server, the_long_way: Server) -> Server:
    return as_we_run_it if request.param == "short" else the_long_way


async def asked(
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
    status, head, rest = await asked(server, SOCKET_IO)
    assert status == 101
    assert f"sec-websocket-accept: {ANSWER}\r\n".lower() in head.lower()
    # No extension was agreed on: the frames are not compressed.
    assert "extensions" not in head.lower()
    assert rest[:1] == b"\x81"
    assert b'0{"sid":"' in rest


@pytest.mark.parametrize("path", ["/ws/", SOCKET_IO])
async def test_the_short_way_is_taken_where_there_is_one(as_we_run_it: Server, the_long_way: Server, path: str) -> None:
    # uvicorn says what it is; the short way does not ask it.
    assert "server: uvicorn" not in (await asked(as_we_run_it, path))[1]
    assert "server: uvicorn" in (await asked(the_long_way, path))[1]


@pytest.mark.parametrize("path", ["/ws/", "/ws/?", SOCKET_IO + "&b64=1", "/socket.io/?transport=websocket&EIO=4&t=x"])
async def test_any_door_opens(server: Server, path: str) -> None:
    assert (await asked(server, path))[0] == 101


@pytest.mark.parametrize("origin", [None, "http://chat.example", "https://chat.example"])
async def test_programs_and_our_own_pages_are_let_in(server: Server, origin: str | None) -> None:
    assert (await asked(server, SOCKET_IO, changed={"Origin": origin}))[0] == 101


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/socket.io/?EIO=3&transport=websocket", 403),
        ("/socket.io/?EIO=4&transport=polling", 403),
        (SOCKET_IO + "&sid=nobody", 403),
        ("/socket.io/", 403),
    ],
)
async def test_what_the_door_does_not_know_is_refused(server: Server, path: str, status: int) -> None:
    assert (await asked(server, path))[0] == status


@pytest.mark.parametrize("path", [SOCKET_IO, "/ws/"])
async def test_a_page_of_another_site_is_refused(server: Server, path: str) -> None:
    assert (await asked(server, path, changed={"Origin": "https://evil.example"}))[0] == 403


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Sec-WebSocket-Version": "8"}, 400),
        ({"Sec-WebSocket-Version": None}, 400),
        ({"Sec-WebSocket-Key": None}, 400),
        ({"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ"}, 400),
        ({"Sec-WebSocket-Key": "c2hvcnQ="}, 400),
        ({"Sec-WebSocket-Key": [str(HEADERS["Sec-WebSocket-Key"])] * 2}, 400),
        # A page could send its own beside the browser's.
        ({"Origin": ["http://chat.example", "https://evil.example"]}, 400),
        ({"Origin": ["https://evil.example", "http://chat.example"]}, 400),
    ],
    ids=["version 8", "no version", "no key", "no whole key", "short key", "two keys", "two origins", "two others"],
)
async def test_a_handshake_that_is_wrong_is_refused(server: Server, changed: Headers, status: int) -> None:
    assert (await asked(server, SOCKET_IO, changed=changed))[0] == status


async def test_only_a_get_opens_a_websocket(server: Server) -> None:
    assert (await asked(server, SOCKET_IO, line="POST {} HTTP/1.1"))[0] == 405


async def test_a_body_of_no_bytes_is_no_harm(server: Server) -> None:
    assert (await asked(server, SOCKET_IO, changed={"Content-Length": "0"}))[0] == 101


async def test_a_header_that_comes_twice_and_does_not_matter_is_no_harm(server: Server) -> None:
    assert (await asked(server, SOCKET_IO, changed={"X-Forwarded-For": ["10.0.0.1", "10.0.0.2"]}))[0] == 101


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
async def test_a_request_that_is_more_than_a_handshake_is_told_so(as_we_run_it: Server, changed: Headers) -> None:
    assert (await asked(as_we_run_it, SOCKET_IO, changed=changed))[0] == 400
    assert (await asked(as_we_run_it, "/elsewhere", changed=changed))[0] == 400


REQUEST = b"GET /api/health/live HTTP/1.1\r\nHost: chat.example\r\n\r\n"
UPGRADE = "\r\n".join(
    [f"GET {SOCKET_IO} HTTP/1.1", *(f"{name}: {value}" for name, value in HEADERS.items()), "", ""]
).encode()


async def test_a_connection_that_was_used_before_may_carry_a_websocket(as_we_run_it: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", as_we_run_it.port)
    async with asyncio.timeout(15):
        writer.write(REQUEST)
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
        writer.write(UPGRADE)
        await reader.readuntil(b"101 Switching Protocols\r\n")
        await reader.readuntil(b'0{"sid":"')
    writer.close()


async def test_who_does_not_wait_for_an_answer_before_gets_no_websocket(as_we_run_it: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", as_we_run_it.port)
    async with asyncio.timeout(15):
        writer.write(REQUEST + UPGRADE)
        with contextlib.suppress(ConnectionResetError):
            assert b" 101 " not in await reader.read()
    writer.close()
