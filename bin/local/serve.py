"""The server process: its command line, its port, and whether it answers."""

import os
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from bin.local.advice import exit_words
from bin.local.console import UserError, print_line
from bin.local.processes import Child
from bin.local.ready import http_status

HEALTH = "/api/health"
PAGES = (("Web chat", "/"), ("HTTP API", "/api/docs"), ("Health", HEALTH))
# How websockets are served; without these they work over ASGI, more slowly (docs/decisions/0010).
GUARDED_HTTP = ("--http", "realtime.transport.uvicorn_http:GuardedHttpProtocol")
DIRECT_WEBSOCKETS = ("--ws", "realtime.transport.uvicorn_websocket:DirectProtocol")
UNCOMPRESSED = ("--ws-per-message-deflate", "false")
# Longer than a proxy in front keeps its connections (60 s, mostly), which else sends a request as one is closed; and
# clients that poll keep theirs. How many there may be is bounded (MAX_HTTP_CONNECTIONS).
KEEP_ALIVE = ("--timeout-keep-alive", "75")
# uvicorn would believe X-Forwarded-For of anybody on this machine: TRUSTED_PROXIES says whom the server believes.
OWN_CLIENT_ADDRESSES = ("--no-proxy-headers",)
_ALL_INTERFACES = ("0.0.0.0", "::")  # compared with, never bound by default  # noqa: S104 # nosec B104
_LOCAL = (*_ALL_INTERFACES, "127.0.0.1", "::1", "localhost")


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
        """The URL for this machine: loopback when the server listens on all interfaces."""
        return self.url(path, {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host))  # noqa: S104 # nosec B104


def command(listen: Listen) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "chatproject.asgi:application"),
        *("--host", listen.host, "--port", str(listen.port), "--workers", str(listen.workers)),
        *(*GUARDED_HTTP, *DIRECT_WEBSOCKETS, "--loop", "uvloop"),
        # The JSON socket's heartbeat; Engine.IO has its own beside it.
        *("--ws-ping-interval", "25", "--ws-ping-timeout", "20"),
        # Compressing the same small frame once for each member costs more CPU than the rest of a delivery.
        *UNCOMPRESSED,
        *OWN_CLIENT_ADDRESSES,
        *KEEP_ALIVE,
        *("--no-access-log", "--timeout-graceful-shutdown", "10"),
    ]


def require_free_port(listen: Listen) -> None:
    """Raises `UserError` when the server could not listen there."""
    try:
        family, _, _, _, address = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            # As uvicorn does: connections in TIME_WAIT of a server that has just stopped do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except PermissionError as error:
        raise UserError(f"You may not use port {listen.port}.", "Use one above 1023: PORT=3000 bin/run") from error
    except OSError as error:
        if isinstance(error, socket.gaierror) or "assign" in str(error):
            raise UserError(f"HOST={listen.host} is not an address of this machine.", "Try HOST=127.0.0.1") from error
        other = listen.port + 1 if listen.port < 65535 else 3000
        raise UserError(
            f"Port {listen.port} on {listen.host} is in use by another program.",
            f"Use another port: PORT={other} bin/run",
            f"Or find the program: ss -ltnp 'sport = :{listen.port}'",
        ) from error


def wait_until_it_answers(server: Child, listen: Listen, timeout: float = 60) -> None:
    """Returns at any status below 500; a server that keeps returning 5xx is left running, with a warning."""
    deadline = time.monotonic() + timeout
    status = None
    while time.monotonic() < deadline:
        if (code := server.exit_code()) is not None:
            raise server_died(code)
        status = http_status(listen.own_url(HEALTH))
        if status is not None and status < 500:
            return
        time.sleep(0.1)
    if status is None:
        raise UserError(f"The server did not answer within {timeout:.0f} s.", "Its output is above.")
    print_line(f"✗ The server runs, but {HEALTH} returns {status}: something that it needs does not work.")


def server_died(code: int) -> UserError:
    return UserError(
        f"The server ended by itself ({exit_words(code)}).",
        "Its output is above; the engines are stopped, their data is kept.",
    )


def print_urls(listen: Listen) -> None:
    print_line()
    for name, path in PAGES:
        print_line(f"  {name:<10} {listen.url(path)}")
    if off := limits_off(os.environ):
        print_line(f"\n  Without limits: {', '.join(off)} (docs/limits.md)")
    print_line("\n  Ctrl-C stops the server and its engines; the data stays in .engines/.\n")


def limits_off(environment: Mapping[str, str]) -> list[str]:
    """Returns the settings that turn limits off, as they are set."""
    rates = [change.strip() for change in environment.get("RATE_LIMITS", "").split(",")]
    off = [f"RATE_LIMITS={change}" for change in rates if change == "off" or change.endswith("=off")]
    bounds = ("MAX_CONNECTIONS_PER_USER", "MAX_ANONYMOUS_CONNECTIONS")
    return off + [f"{name}=0" for name in bounds if environment.get(name) == "0"]


def _number(name: str, default: int, maximum: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= maximum:
        raise UserError(f"{name}={text} is not a number from 1 to {maximum}.", f"For example: {name}={default} bin/run")
    return int(text)
