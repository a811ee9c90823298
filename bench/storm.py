"""A reconnect storm: memory per idle connection, then the time and log reads until all clients have resumed.

    python -m bench.storm --url http://127.0.0.1:3000 --fixture FILE --clients 2000

The fixture is the output of `manage.py fixture --users N --groups 1 --members N`; the server runs with
HEALTH_TOKEN=bench-health, for its figures.
"""

import argparse
import asyncio
import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import websockets

from bench.health import process_figures

TIMEOUT = 120.0
_CONCURRENCY = 100


class Client:
    """One JSON socket that tracks the last seq of its group."""

    def __init__(self, url: str, token: str, group_id: str) -> None:
        self.url, self.token, self.group_id = url, token, group_id
        self.seq = 0
        self.resumed = asyncio.Event()
        self._socket: websockets.ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None

    async def connect(self, head: int | None = None) -> None:
        """Connect, and return after the change with seq `head`, or without one after `ready`."""
        self.resumed.clear()
        self._socket = await websockets.connect(self.url, compression=None, ping_interval=None, open_timeout=TIMEOUT)
        data: dict[str, Any] = {"token": self.token}
        if self.seq:
            data["since"] = {self.group_id: self.seq}
        await self._socket.send(json.dumps({"event": "connect", "data": data}))
        self._reader = asyncio.create_task(self._read(self._socket, head))
        await asyncio.wait_for(self.resumed.wait(), TIMEOUT)

    async def _read(self, socket: websockets.ClientConnection, head: int | None) -> None:
        async for text in socket:
            frame = json.loads(text)
            if frame["event"] == "ready" and not self.seq:
                self.seq = frame["data"]["groups"][0]["head"]
            elif "seq" in frame.get("data", {}):
                if frame["data"]["seq"] != self.seq + 1:
                    raise AssertionError(f"a gap: {frame['data']['seq']} after {self.seq}")
                self.seq += 1
            if head is None or self.seq >= head:
                self.resumed.set()

    async def drop(self) -> None:
        if self._reader:
            self._reader.cancel()
        if self._socket:
            await self._socket.close()


def send_message(url: str, token: str, group_id: str, number: int) -> int:
    body = json.dumps({"groupId": group_id, "content": f"missed {number}"}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/api/messages", body, headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        seq: int = json.load(response)["message"]["seq"]
        return seq


async def storm(url: str, fixture: dict[str, Any], count: int, missed: int) -> dict[str, Any]:
    group = fixture["groups"][0]
    tokens = {user["id"]: user["token"] for user in fixture["users"]}
    socket_url = url.replace("http", "ws", 1) + "/ws/"
    clients = [Client(socket_url, tokens[member], group["id"]) for member in group["members"][:count]]
    before = await asyncio.to_thread(process_figures, url)
    started = time.perf_counter()
    for start in range(0, len(clients), _CONCURRENCY):
        await asyncio.gather(*(client.connect() for client in clients[start : start + _CONCURRENCY]))
    opened = time.perf_counter() - started
    await asyncio.sleep(2)
    idle = await asyncio.to_thread(process_figures, url)
    await asyncio.gather(*(client.drop() for client in clients))
    head = 0
    for number in range(missed):
        head = await asyncio.to_thread(send_message, url, tokens[group["members"][0]], group["id"], number)
    started = time.perf_counter()
    await asyncio.gather(*(client.connect(head) for client in clients))
    resumed = time.perf_counter() - started
    after = await asyncio.to_thread(process_figures, url)
    await asyncio.gather(*(client.drop() for client in clients))
    return {
        "clients": len(clients),
        "opened_seconds": round(opened, 2),
        "kilobytes_a_connection": round((idle["memory"]["rss"] - before["memory"]["rss"]) / len(clients) / 1024, 1),
        "missed_messages": missed,
        "all_resumed_seconds": round(resumed, 2),
        "resume_reads": after["sockets"]["resumeReads"] - before["sockets"]["resumeReads"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.storm", description=__doc__)
    parser.add_argument(
        "--url", default="http://127.0.0.1:3000", help="a server with one worker, whose memory is measured"
    )
    parser.add_argument("--fixture", type=Path, required=True)
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--missed", type=int, default=20, help="messages sent while all clients are disconnected")
    options = parser.parse_args()
    fixture = json.loads(options.fixture.read_text())
    print(json.dumps(asyncio.run(storm(options.url.rstrip("/"), fixture, options.clients, options.missed))))


if __name__ == "__main__":
    main()
