"""A chat server in a process of its own, which a test can kill and start again."""

import os
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import httpx

from bin.local.ready import free_port
from bin.local.serve import DIRECT_WEBSOCKETS, GUARDED_HTTP

ROOT = Path(__file__).resolve().parent.parent.parent
# For a busy machine.
START_WITHIN = 120.0


class Server:
    """A server that keeps its port, so that a browser finds it again after a restart.

    `engines` replaces addresses of the tests' engines: `MONGODB_URI` and the like.
    """

    def __init__(self, log: Path, *, host: str = "127.0.0.1", **engines: str) -> None:
        self.port = free_port()
        self.url = f"http://{host}:{self.port}"
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        name = f"web-{uuid4().hex[:10]}"
        self._environment = {**os.environ, "NAMESPACE": name, "MONGODB_DATABASE": name, "PORT": str(self.port)}
        self._environment |= engines
        # Not those of the environment, which name another server.
        self._environment |= {"PUBLIC_URL": self.url, "ALLOWED_ORIGINS": self.url, "MAX_FILE_BYTES": "3000000"}

    def set(self, **settings: str) -> None:
        """Have the server started with these settings."""
        self._environment |= settings

    def manage(self, *arguments: str) -> str:
        """Return what a management command prints."""
        command = [sys.executable, "manage.py", *arguments]
        run = subprocess.run(command, cwd=ROOT, env=self._environment, check=True, capture_output=True, text=True)
        return run.stdout

    def start(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "chatproject.asgi:application", *GUARDED_HTTP, *DIRECT_WEBSOCKETS]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port)], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        self._wait()

    def stop(self) -> None:
        assert self._process
        # Killed, as when a machine fails: no connection is closed properly.
        self._process.kill()
        self._process.wait()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _wait(self) -> None:
        end = time.monotonic() + START_WITHIN
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.url}/sign-in").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-3000:]}")
