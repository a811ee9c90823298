"""Every request and every websocket comes in one way, on every server: through middleware, then by its path."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import websockets

from tests.serving import Server, daphne, serving, uvicorn, uvicorn_over_asgi

from .refusing_middleware import REFUSED, TEAPOT

SOCKET_IO = "/socket.io/?EIO=4&transport="
ALLOWED = "127.0.0.1"
SERVERS = {"ours": uvicorn, "plain uvicorn": uvicorn_over_asgi, "daphne": daphne}


@pytest.fixture(scope="module", params=SERVERS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which server it is."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def log(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "log"


@pytest.fixture(scope="module")
async def server(kind: str, log: Path) -> AsyncIterator[Server]:
    application = "tests.realtime.refusing_middleware:application"
    async with serving({}, application=application, server=SERVERS[kind], log=log) as server:
        yield server


async def websocket_status(server: Server, path: str, *, address: str = ALLOWED) -> int:
    """Return the status of the response to a websocket's handshake from this address."""
    url = f"ws{server.url.removeprefix('http')}{path}"
    try:
        async with websockets.connect(url, local_addr=(address, 0)):
            return 101
    except websockets.InvalidStatus as refused:
        return refused.response.status_code


async def http_status(server: Server, path: str, *, address: str = ALLOWED) -> int:
    transport = httpx.AsyncHTTPTransport(local_address=address)
    async with httpx.AsyncClient(base_url=server.url, transport=transport, timeout=30) as client:
        return (await client.get(path)).status_code


@pytest.mark.parametrize("path", ["/ws/", f"{SOCKET_IO}websocket"])
async def test_one_middleware_refuses_a_websocket(server: Server, path: str) -> None:
    assert await websocket_status(server, path) == 101
    assert await websocket_status(server, path, address=REFUSED) == 403


@pytest.mark.parametrize("path", [f"{SOCKET_IO}polling", "/api/health/live"])
async def test_the_same_middleware_refuses_a_poll_and_any_request(server: Server, path: str) -> None:
    assert await http_status(server, path) == 200
    assert await http_status(server, path, address=REFUSED) == TEAPOT


def has_traceback(log: Path) -> bool:
    return "Traceback" in log.read_text()


PATHS = ("/nowhere", "/socket.io", "/socket.io/more/", "/ws", "/ws/more", "//ws//x", "/%00", "/%ff%0a", "/ws%2fx")


@pytest.mark.parametrize("path", PATHS)
async def test_an_unknown_path_is_not_found(server: Server, kind: str, log: Path, path: str) -> None:
    # Daphne has no way to refuse a websocket with another status.
    assert await websocket_status(server, path) == (403 if kind == "daphne" else 404)
    assert await http_status(server, path) == 404
    assert not has_traceback(log)


async def test_a_root_path_of_the_clients_choice_is_no_error(server: Server, kind: str, log: Path) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        response = await client.get(f"{SOCKET_IO}polling", headers={"Daphne-Root-Path": "/elsewhere"})
    assert response.status_code == (404 if kind == "daphne" else 200)
    assert not has_traceback(log)
