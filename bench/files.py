"""Files through the server, and the same bytes by PyMongo's own GridFS alone: megabytes a second, alternately.

    bin/manage fixture --users 1 --groups 1 --members 1 > fixture.json
    python -m bench.files --url http://127.0.0.1:3000 --fixture fixture.json --mongodb MONGODB_URI

The server runs with one worker, RATE_LIMITS=off and MAX_USER_BYTES and MAX_FILE_BYTES large enough; with its --pid its
memory is watched.
"""

import argparse
import io
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import psutil
from bson import ObjectId
from gridfs import GridFSBucket
from pymongo import MongoClient

from bin.local.console import print_line

MEGABYTE = 1024 * 1024
TIMEOUT = 600.0
_BLOCK = 256 * 1024


class Content(io.RawIOBase):
    """Bytes that are not kept: a block, again and again."""

    def __init__(self, size: int) -> None:
        self._left, self._block = size, os.urandom(_BLOCK)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = min(self._left, _BLOCK if size < 0 else size)
        self._left -= size
        return self._block[:size]


class Alone:
    """PyMongo's GridFS, as its documentation shows it, with its defaults."""

    def __init__(self, uri: str, size: int) -> None:
        self._size = size
        self._client: MongoClient[dict[str, Any]] = MongoClient(uri)
        self._database = self._client["bench_files"]
        self._bucket = GridFSBucket(self._database)
        self._last = ObjectId()

    def upload(self) -> None:
        self._last = self._bucket.upload_from_stream("a.bin", Content(self._size))

    def download(self) -> None:
        stream = self._bucket.open_download_stream(self._last)
        while stream.readchunk():
            pass

    def delete(self) -> None:
        self._bucket.delete(self._last)

    def close(self) -> None:
        self._client.drop_database(self._database)
        self._client.close()


class Server:
    """The server, over a connection for each step: an idle one is closed while PyMongo has its turn."""

    def __init__(self, url: str, fixture: dict[str, Any], size: int) -> None:
        self._size = size
        self._group_id = fixture["groups"][0]["id"]
        self._authorization = {"Authorization": f"Bearer {fixture['users'][0]['token']}"}
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT, blocksize=_BLOCK)
        self._file_id = ""

    def upload(self) -> None:
        part = f'\r\n--x\r\nContent-Disposition: form-data; name="groupId"\r\n\r\n{self._group_id}'
        head = f'{part}\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'.encode()
        length = str(len(head) + self._size + len(b"\r\n--x--\r\n"))
        headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": length}

        def body() -> Iterator[bytes]:
            content = Content(self._size)
            yield head
            while block := content.read():
                yield block
            yield b"\r\n--x--\r\n"

        answer = self._request("POST", "/api/upload", body(), headers)
        self._file_id = json.loads(answer)["file"]["id"]

    def resumable_upload(self) -> None:
        from base64 import b64encode

        version = {"Tus-Resumable": "1.0.0"}
        group = b64encode(self._group_id.encode()).decode()
        begin = {**version, "Upload-Length": str(self._size), "Upload-Metadata": f"groupId {group},filename YS5iaW4="}
        self._request("POST", "/api/uploads", b"", begin)
        self._file_id = self._location.rpartition("/")[2]
        headers = {**version, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        self._request("PATCH", self._location, Content(self._size), {**headers, "Content-Length": str(self._size)})

    def download(self) -> None:
        self._connection.close()
        self._connection.request("GET", f"/api/files/{self._file_id}", headers=self._authorization)
        response = self._connection.getresponse()
        buffer, received = memoryview(bytearray(_BLOCK)), 0
        while count := response.readinto(buffer):
            received += count
        if received != self._size:
            raise AssertionError(f"{received} bytes of {self._size}")

    def delete(self) -> None:
        self._request("DELETE", f"/api/files/{self._file_id}", b"", {})

    def _request(self, method: str, path: str, body: Any, headers: dict[str, str]) -> bytes:
        self._connection.close()
        self._connection.request(method, path, body, {**self._authorization, **headers})
        response = self._connection.getresponse()
        answer = response.read()
        if response.status >= 300:
            raise AssertionError(f"{response.status} {answer!r}")
        self._location = response.headers.get("Location", "")
        return answer


@contextmanager
def _watched(pid: int | None, growth: list[float]) -> Iterator[None]:
    """Note by how many megabytes the process has grown at most."""
    if pid is None:
        yield
        return
    process, over = psutil.Process(pid), threading.Event()
    before = peak = process.memory_info().rss

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.02):
            peak = max(peak, process.memory_info().rss)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()
        growth.append((peak - before) / MEGABYTE)


def measure(alone: Alone, server: Server, size: int, rounds: int, pid: int | None) -> dict[str, Any]:
    """Return the median rates in MB/s, ours over PyMongo's, and by how many MB the server has grown at most."""
    steps: dict[str, Callable[[], None]] = {
        "pymongo_upload": alone.upload,
        "pymongo_download": alone.download,
        "pymongo_delete": alone.delete,
        "upload": server.upload,
        "download": server.download,
        "delete": server.delete,
        "resumable_upload": server.resumable_upload,
        "delete_again": server.delete,
    }
    rates: dict[str, list[float]] = {name: [] for name in steps}
    growth: list[float] = []
    for _ in range(rounds + 1):
        for name, step in steps.items():
            start = time.perf_counter()
            with _watched(None if "pymongo" in name or "delete" in name else pid, growth):
                step()
            rates[name].append(size / MEGABYTE / (time.perf_counter() - start))
    # The first round warms up.
    result: dict[str, Any] = {
        name: round(median(values[1:]), 1) for name, values in rates.items() if "delete" not in name
    }
    for ours, theirs in (("upload",) * 2, ("resumable_upload", "upload"), ("download",) * 2):
        ratios = [own / other for own, other in zip(rates[ours], rates[f"pymongo_{theirs}"], strict=True)]
        result[f"{ours}_ratio"] = round(median(ratios[1:]), 2)
    return result | ({"grown_mb": round(max(growth), 1)} if growth else {})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.files", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:3000")
    parser.add_argument("--fixture", type=Path, required=True)
    parser.add_argument("--mongodb", required=True, help="the server's MONGODB_URI")
    parser.add_argument("--pid", type=int, help="the server's worker, to watch its memory")
    parser.add_argument("--megabytes", type=int, default=90)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    size = options.megabytes * MEGABYTE
    alone = Alone(options.mongodb, size)
    server = Server(options.url, json.loads(options.fixture.read_text()), size)
    try:
        print_line(json.dumps(measure(alone, server, size, options.rounds, options.pid)))
    finally:
        alone.close()


if __name__ == "__main__":
    main()
