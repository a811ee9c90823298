"""Does an engine really answer? One question each, over a bare socket, as no client library may be there yet."""

import socket
import urllib.error
import urllib.request
from contextlib import suppress

LOCALHOST = "127.0.0.1"

# OP_MSG {hello: 1, $db: "admin"}: a mongod that has recovered its data answers it, before sign-in.
_HELLO_BODY = b"\x10hello\x00\x01\x00\x00\x00" + b"\x02$db\x00\x06\x00\x00\x00admin\x00"
_HELLO_DOCUMENT = (len(_HELLO_BODY) + 5).to_bytes(4, "little") + _HELLO_BODY + b"\x00"
_HELLO_REST = (1).to_bytes(4, "little") + bytes(4) + (2013).to_bytes(4, "little") + bytes(5) + _HELLO_DOCUMENT
HELLO = (len(_HELLO_REST) + 4).to_bytes(4, "little") + _HELLO_REST


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        port: int = probe.getsockname()[1]
        return port


def redis_answers(port: int) -> bool:
    """A Redis that still reads its data from disk answers -LOADING: not ready."""
    return _exchange(port, b"PING\r\n").startswith(b"+PONG")


def mongodb_answers(port: int) -> bool:
    return b"maxWireVersion" in _exchange(port, HELLO)


def dynamodb_answers(port: int) -> bool:
    return http_status(f"http://{LOCALHOST}:{port}/") is not None


def http_status(url: str, timeout: float = 5) -> int | None:
    """The status of any HTTP answer, None when there is none."""
    # A proxy named in the environment must not be asked for this machine's own ports.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout) as response:
            return int(response.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code
    except (OSError, ValueError):
        return None


def _exchange(port: int, question: bytes) -> bytes:
    with suppress(OSError), socket.create_connection((LOCALHOST, port), timeout=1) as connection:
        connection.sendall(question)
        return connection.recv(4096)
    return b""
