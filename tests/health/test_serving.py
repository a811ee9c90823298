"""A process proves that it serves, on sockets of its own; and says in time that it is about to end."""

import asyncio
import json
import signal
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest

from health.probes import Probes
from tests.serving import Server, daphne, serving, uvicorn, uvicorn_over_asgi

from .conftest import Environment, report_of, until

Command = Callable[[str, int], list[str]]


def without_websockets(application: str, port: int) -> list[str]:
    return uvicorn(application, port, protocols=("--ws", "none"))


async def _states(server: Server) -> dict[str, str]:
    report = await until(partial(report_of, server), lambda report: report["server"]["http"] != "unknown")
    return {name: report["server"][name] for name in ("http", "websocket")}


@pytest.mark.parametrize("server", [uvicorn, uvicorn_over_asgi, daphne])
async def test_each_server_proves_both_protocols(often: Environment, server: Command) -> None:
    async with serving(often, server=server) as running:
        assert await _states(running) == {"http": "ok", "websocket": "ok"}


async def test_a_server_over_a_unix_socket_proves_both_protocols(often: Environment, tmp_path: Path) -> None:
    path = tmp_path / "server"

    def over_unix_socket(application: str, port: int) -> list[str]:
        return [*uvicorn(application, port), "--uds", str(path)]

    async with (
        serving(often, server=over_unix_socket, uds=path),
        httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(path)), base_url="http://localhost") as client,
    ):

        async def ask() -> dict[str, object]:
            answer: dict[str, object] = (await client.get("/api/health")).json()["server"]
            return answer

        assert await until(ask, lambda states: states["http"] != "unknown") == {"http": "ok", "websocket": "ok"}


async def test_a_server_without_websockets_is_found_out(often: Environment, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    async with serving(often, server=without_websockets, log=log) as server:
        assert await _states(server) == {"http": "ok", "websocket": "down"}
        report = await report_of(server)
    assert report["status"] == "degraded"
    assert "does not serve its own websocket" in log.read_text()


async def test_each_of_several_workers_proves_its_own(often: Environment) -> None:
    def two_workers(application: str, port: int) -> list[str]:
        return [*uvicorn(application, port), "--workers", "2"]

    async with serving(often, server=two_workers) as server:
        report = await until(
            partial(report_of, server),
            lambda report: [worker["websocket"] for worker in report["workers"]] == ["ok", "ok"],
        )
        assert report["server"]["http"] == "ok"
        pids = {worker["pid"] for worker in report["workers"]}
        assert pids <= {child.pid for child in server.process.children(recursive=True)}


async def test_a_server_that_does_not_answer_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("health.probes.PROBE_SECONDS", 0.2)
    answers = [b"", b"HTTP/1.1 500 Oops\r\n\r\n", b"\x00\xff" * 100, b"HTTP/1.1 101 Switching Protocols\r\n\r\n"]
    for answer in [None, *answers]:
        listener = await _listening(answer)
        async with listener:
            probes = Probes()
            probes.connect = partial(_connect_to, listener)
            await probes.run()
            assert probes.states == {"http": "down", "websocket": "down"}, answer


async def _listening(answer: bytes | None) -> asyncio.Server:
    """A server that answers everything with these bytes, or with nothing at all."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


async def _connect_to(listener: asyncio.Server) -> socket.socket:
    own = socket.socket()
    own.setblocking(False)
    await asyncio.get_running_loop().sock_connect(own, listener.sockets[0].getsockname())
    return own


async def test_a_process_that_is_told_to_end_is_not_ready_but_serves_meanwhile(often: Environment) -> None:
    async with (
        serving({**often, "DRAIN_SECONDS": "3"}) as server,
        httpx.AsyncClient(base_url=server.url, timeout=20) as client,
    ):
        assert (await client.get("/api/health/ready")).json() == {"status": "ok"}
        server.process.send_signal(signal.SIGTERM)

        async def ask() -> dict[str, object]:
            response = await client.get("/api/health/ready")
            return {"code": response.status_code, **response.json()}

        assert await until(ask, lambda ready: ready["status"] != "ok") == {"code": 503, "status": "draining"}
        assert (await client.get("/api/health/live")).status_code == 200
        report = await report_of(server)
        assert report["workers"][0]["draining"] is True
        assert json.loads((await client.get("/api/health")).text)["status"] == "ok"
