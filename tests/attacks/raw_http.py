"""One request of any bytes on a connection of its own, and what comes back."""

import socket
import time
from contextlib import suppress
from dataclasses import dataclass

# A server that has neither answered nor closed by then has a fault.
_SECONDS = 30.0


@dataclass(frozen=True)
class Answer:
    """The status, 0 without an answer; the bytes of head and body; the seconds until all was here."""

    status: int
    head: bytes
    body: bytes
    seconds: float


def exchange(port: int, request: bytes, *, hangs_up: bool = False) -> Answer:
    """Send the request, and read until the server closes; one that `hangs_up` closes its own side first.

    Blocking, for a thread. A server may answer, and close, before it has everything.
    """
    began = time.monotonic()
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), _SECONDS) as connection:
        # It may have been closed meanwhile.
        with suppress(OSError):
            connection.sendall(request)
            if hangs_up:
                connection.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            while piece := connection.recv(262_144):
                received += piece
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    ended = time.monotonic() - began
    if ended > _SECONDS:
        return Answer(0, b"", b"", ended)
    status = int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/1.1 ") else 0
    return Answer(status, head, body, ended)
