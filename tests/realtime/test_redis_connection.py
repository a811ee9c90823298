"""A connection to Redis never fails the code that sends: what is lost is found elsewhere."""

from types import SimpleNamespace
from typing import Any

import pytest

from realtime.engineio.redis_connection import RedisConnection

pytestmark = pytest.mark.unit


class ClosedTransport:
    """As uvloop's between the transport's end and `connection_lost`."""

    def set_protocol(self, protocol: object) -> None: ...

    def write(self, data: bytes) -> None:
        raise RuntimeError("unable to perform operation; the handler is closed")


async def test_sending_on_a_transport_that_has_just_closed_does_not_raise() -> None:
    opened: Any = SimpleNamespace(_writer=SimpleNamespace(transport=ClosedTransport()))
    RedisConnection(opened, lambda push: None, lambda error: None).send(b"PUBLISH", b"topic", b"message")
