"""A chat server of the tests' own, as it runs for people: a process that can be stopped and started again."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import httpx

from bin.local.serve import DIRECT_WEBSOCKETS, FAST_PATH

ROOT = Path(__file__).resolve().parent.parent.parent
START_WITHIN = 30.0


class Server:
    """Serves on one port for all its life, so that a browser finds it again after a restart.

    `engines` are addresses other than the tests' own.
    """

    def __init__(self, log: Path, **engines: str) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        name = f"web-{uuid4().hex[:10]}"
        self._environment = {**os.environ, "NAMESPACE": name, "MONGODB_DATABASE": name, "PORT": str(self.port)}
        self._environment |= engines
        # The tests themselves may have been told other addresses than those of this server.
        self._environment |= {"PUBLIC_URL": self.url, "ALLOWED_ORIGINS": self.url, "MAX_FILE_BYTES": "3000000"}

    def manage(self, *arguments: str) -> str:
        """Return what a management command prints."""
        command = [sys.executable, "manage.py", *arguments]
        run = subprocess.run(command, cwd=ROOT, env=self._environment, check=True, capture_output=True, text=True)
        return run.stdout

    def start(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "chatproject.asgi:application", *FAST_PATH, *DIRECT_WEBSOCKETS]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port)], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        self._wait()

    def stop(self) -> None:
        assert self._process
        # As when a machine fails: nobody gets to say goodbye.
        self._process.kill()
        self._process.wait()

    def _wait(self) -> None:
        end = time.monotonic() + START_WITHIN
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.url}/sign-in").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
