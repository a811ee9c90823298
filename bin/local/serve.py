"""The server process: its command line, its port, and whether it answers."""

import os
import socket
import sys
import time
from dataclasses import dataclass

from .advice import exit_words
from .console import Trouble, say
from .processes import Child
from .ready import http_status

HEALTH = "/api/health"
PLACES = (("Web chat", "/"), ("HTTP API", "/api/docs"), ("Health", HEALTH))
# How websockets are served; without the first two they work over ASGI, more slowly (docs/decisions/0010).
FAST_PATH = ("--http", "realtime.transport.uvicorn_http:DirectHttpProtocol")
DIRECT_WEBSOCKETS = ("--ws", "realtime.transport.uvicorn_websocket:DirectProtocol")
UNCOMPRESSED = ("--ws-per-message-deflate", "false")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, never bound by default
_LOCAL = (*_EVERYWHERE, "127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Listen:
    host: str
    port: int
    workers: int

    @classmethod
    def from_environment(cls) -> "Listen":
        return cls(os.environ.get("HOST") or "127.0.0.1", _number("PORT", 3000, 65535), _number("WORKERS", 1, 64))

    def url(self, path: str, host: str | None = None) -> str:
        name = host or ("localhost" if self.host in _LOCAL else self.host)
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}{path}"

    def own_url(self, path: str) -> str:
        """As seen from this machine: what listens everywhere is asked on loopback."""
        return self.url(path, {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host))  # noqa: S104


def command(listen: Listen) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "chatproject.asgi:application"),
        *("--host", listen.host, "--port", str(listen.port), "--workers", str(listen.workers)),
        *(*FAST_PATH, *DIRECT_WEBSOCKETS, "--loop", "uvloop"),
        # The JSON socket's heartbeat; Engine.IO has its own beside it.
        *("--ws-ping-interval", "25", "--ws-ping-timeout", "20"),
        # Compressing the same small frame once for each member costs more CPU than all the rest of a delivery.
        *UNCOMPRESSED,
        *("--no-access-log", "--timeout-graceful-shutdown", "10"),
    ]


def require_free_port(listen: Listen) -> None:
    """Asked first: nobody should wait for an installation to read that the port is taken."""
    try:
        family, _, _, _, address = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            # As uvicorn does, so that connections of a server that has just ended don't count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except PermissionError as error:
        raise Trouble(f"This user may not use port {listen.port}.", "Use one over 1023: PORT=3000 bin/run") from error
    except OSError as error:
        if isinstance(error, socket.gaierror) or "assign" in str(error):
            raise Trouble(f"HOST={listen.host} is no address of this machine.", "Try HOST=127.0.0.1") from error
        other = listen.port + 1 if listen.port < 65535 else 3000
        raise Trouble(
            f"Port {listen.port} on {listen.host} is taken by another program.",
            f"Use another port: PORT={other} bin/run",
            f"Or see what has it: ss -ltnp 'sport = :{listen.port}'",
        ) from error


def wait_until_it_answers(server: Child, listen: Listen, patience: float = 60) -> None:
    """Returns at any answer below 500; a server that keeps saying 5xx runs on, with a word about it."""
    deadline = time.monotonic() + patience
    status = None
    while time.monotonic() < deadline:
        if (code := server.exit_code()) is not None:
            raise server_died(code)
        status = http_status(listen.own_url(HEALTH))
        if status is not None and status < 500:
            return
        time.sleep(0.1)
    if status is None:
        raise Trouble(f"The server did not answer within {patience:.0f} s.", "What it printed stands above.")
    say(f"✗ The server runs, but {HEALTH} answers {status}: something that it needs is not well.")


def server_died(code: int) -> Trouble:
    return Trouble(
        f"The server ended by itself ({exit_words(code)}).",
        "What it printed stands above; the engines are stopped, their data is kept.",
    )


def print_places(listen: Listen) -> None:
    say()
    for name, path in PLACES:
        say(f"  {name:<10} {listen.url(path)}")
    say("\n  Ctrl-C stops the server and its engines; the data stays in .engines/.\n")


def _number(name: str, default: int, most: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise Trouble(f"{name}={text} is no number from 1 to {most}.", f"For example: {name}={default} bin/run")
    return int(text)
