"""A user of many groups: how long their list, page and connection take, on one server or on several in turn.

    bin/manage fixture --users 1 --groups 1000 --members 1 > fixture.json
    python -m bench.many_groups --server new http://127.0.0.1:3000 fixture.json

Each further `--server NAME URL FIXTURE` is measured in the same run, alternately.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
import websockets

TIMEOUT = 120.0
_MAX_FRAME = 16 * 1024 * 1024


class Server:
    """A server with its user; `times` are seconds and `sizes` bytes by action."""

    def __init__(self, name: str, url: str, fixture: str) -> None:
        self.name, self.url = name, url.rstrip("/")
        data: dict[str, Any] = json.loads(Path(fixture).read_text())
        self.token, self.group_id = data["users"][0]["token"], data["groups"][0]["id"]
        self.times: dict[str, list[float]] = {"list": [], "page": [], "connect": []}
        self.sizes: dict[str, int] = {}
        self.first_connect = 0.0
        headers = {"Authorization": f"Bearer {self.token}"}
        self._api = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=TIMEOUT)
        self._browser = httpx.AsyncClient(base_url=self.url, cookies={"__session": self.token}, timeout=TIMEOUT)

    async def connect(self) -> tuple[float, int]:
        """Return the seconds until `ready`, and its size."""
        started = time.perf_counter()
        address = f"{self.url.replace('http', 'ws', 1)}/ws/"
        async with websockets.connect(address, compression=None, open_timeout=TIMEOUT, max_size=_MAX_FRAME) as socket:
            await socket.send(json.dumps({"event": "connect", "data": {"token": self.token}}))
            while True:
                text = await asyncio.wait_for(socket.recv(), TIMEOUT)
                if json.loads(text)["event"] == "ready":
                    return time.perf_counter() - started, len(text)

    async def measure_once(self) -> None:
        for action, client, path in (
            ("list", self._api, "/api/groups"),
            ("page", self._browser, f"/groups/{self.group_id}"),
        ):
            started = time.perf_counter()
            response = await client.get(path)
            self.times[action].append(time.perf_counter() - started)
            response.raise_for_status()
            self.sizes[action] = len(response.content)
        seconds, self.sizes["connect"] = await self.connect()
        self.times["connect"].append(seconds)

    def figures(self) -> dict[str, Any]:
        figures: dict[str, Any] = {"first_connect_ms": round(self.first_connect * 1000)}
        for action, times in self.times.items():
            p95 = quantiles(times, n=20)[-1]
            figures[action] = {
                "p50_ms": round(median(times) * 1000, 1),
                "p95_ms": round(p95 * 1000, 1),
                "bytes": self.sizes[action],
            }
        return figures

    async def close(self) -> None:
        await self._api.aclose()
        await self._browser.aclose()


async def measure(servers: list[Server], rounds: int) -> dict[str, Any]:
    for server in servers:
        server.first_connect, _ = await server.connect()
        await server.measure_once()
        for times in server.times.values():
            times.clear()
    for _ in range(rounds):
        for server in servers:
            await server.measure_once()
    for server in servers:
        await server.close()
    return {server.name: server.figures() for server in servers}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.many_groups", description=__doc__)
    parser.add_argument(
        "--server", nargs=3, action="append", required=True, metavar=("NAME", "URL", "FIXTURE"), help="repeatable"
    )
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    servers = [Server(*each) for each in options.server]
    print(json.dumps(asyncio.run(measure(servers, options.rounds)), indent=2))


if __name__ == "__main__":
    main()
