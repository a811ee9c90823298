"""What the server logs: each error once, and nothing but a line for what a stranger sends."""

import asyncio
import os
from collections import Counter
from pathlib import Path

import httpx

from bench.chaos.proxy import proxy_to
from tests.cast import Person
from tests.entry_points import http_client
from tests.serving import Server, serving
from tests.wire_client import connected_by

STRANGE: list[tuple[str, str, dict[str, str], bytes]] = [
    ("GET", "/", {"Host": "x"}, b""),
    ("GET", "/api/health", {"Host": "x y"}, b""),
    ("GET", "/api/groups", {"Host": "x"}, b""),
    ("GET", "/sign-in", {"Host": "x:port"}, b""),
    ("GET", "/api/groups", {"Authorization": "Bearer x"}, b""),
    ("GET", "/nowhere%7f", {}, b""),
    ("GET", "/groups/%00", {"Cookie": "__session=%00"}, b""),
    ("POST", "/api/messages", {"Content-Type": "application/json"}, b"{"),
    ("POST", "/api/upload", {"Content-Type": "multipart/form-data"}, b"--"),
    ("POST", "/sign-in", {"Content-Type": "multipart/form-data; boundary=\x7f"}, b"x"),
    ("POST", "/sign-in", {"Content-Type": "application/x-www-form-urlencoded"}, b"name=Eve"),
    ("POST", "/sign-in", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=b&" * 2000),
    ("GET", "/socket.io/?EIO=4&transport=polling&sid=x", {}, b""),
    ("POST", "/socket.io/?EIO=4&transport=polling&sid=x", {}, b"\xff\xfe"),
    ("GET", "/socket.io/?EIO=4&transport=websocket", {"Upgrade": "websocket", "Connection": "Upgrade"}, b""),
    ("GET", "/ws/", {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "1"}, b""),
    ("BREW", "/api/groups", {}, b""),
]
GARBAGE = (b"\x16\x03\x01\x00", b"GET / HTTP/9", b"GET /", b"\x00" * 100, b"GET / HTTP/1.1\r\nHost")


async def send_raw(server: Server, data: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(data)
    writer.write_eof()
    await asyncio.wait_for(reader.read(), 20)
    writer.close()


async def test_what_a_stranger_sends_leaves_no_traceback(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    async with serving({"ALLOWED_HOSTS": "127.0.0.1"}, log=log) as server:
        async with httpx.AsyncClient(base_url=server.url) as http:
            for method, path, headers, body in STRANGE:
                response = await http.request(method, path, headers=headers, content=body)
                assert response.status_code < 500, (method, path, response.status_code)
        for garbage in (
            b"\x16\x03\x01\x00",
            b"GET / HTTP/9\r\n\r\n",
            b"GET /\r\n",
            b"\x00" * 100,
            b"GET / HTTP/1.1\r\nHost",
        ):
            await send_raw(server, garbage + b"\r\n\r\n")
    text = log.read_text()
    assert "Traceback" not in text, text
    assert "never retrieved" not in text, text


async def test_an_outage_is_logged_once_a_request(tmp_path: Path, alice: Person, group_id: str) -> None:
    log = tmp_path / "server.log"
    paths = [f"/api/groups/{group_id}", f"/api/groups/{group_id}/members", f"/api/messages?groupId={group_id}"]
    async with (
        proxy_to(os.environ["DYNAMODB_URL"]) as line,
        serving({"DYNAMODB_URL": line.url, "STORE_TIMEOUT": "1"}, log=log) as server,
        http_client(server.url, alice) as http,
        connected_by("ws", server.url, alice) as socket,
    ):
        line.cut()
        responses = [await http.get(path) for path in paths]
        assert [(each.status_code, each.headers["retry-after"]) for each in responses] == [(503, "1")] * len(paths)
        assert not (await socket.send("message", {"groupId": group_id, "content": "x"}))["ok"]
        line.restore()
    text = log.read_text()
    lines = Counter(each.partition(": ")[2] for each in text.splitlines() if "Service Unavailable" in each)
    assert sorted(lines.values()) == [1] * len(paths), text
    assert "never retrieved" not in text, text
