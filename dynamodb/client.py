"""Sends what PynamoDB asks for, signed, on kept connections, and asks once more where a moment may help."""

import asyncio
import random
import time
import zlib
from typing import Any

import orjson
from botocore.exceptions import ClientError

from .connection import Answer
from .credentials import Credentials
from .errors import NoResponse, is_transient, refusal
from .pool import Pool
from .signing import signed_headers

_TARGET = "DynamoDB_20120810."
_TYPE = "application/x-amz-json-1.0"
# Seconds before the second try, so that all who failed together do not come back together.
_PAUSE = (0.02, 0.1)


class Client:
    """Talks to one endpoint on one event loop."""

    def __init__(self, pool: Pool, region: str, credentials: Credentials) -> None:
        self._pool, self._region, self._credentials = pool, region, credentials

    async def send(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the answer's content; raises botocore's `ClientError` for a refusal, `NoResponse` when none came.

        A request may reach the service more than once: after a failure that passes it is repeated, as botocore did.
        Reads may be; so may conditional writes, for who makes them recognises its own row (docs/decisions/0004); and a
        transaction carries a token by which the service knows it.
        """
        body = orjson.dumps(arguments)
        try:
            return await self._ask(operation, body)
        except (NoResponse, ClientError) as error:
            if not is_transient(error):
                raise
        await asyncio.sleep(random.uniform(*_PAUSE))  # noqa: S311 - spreads rivals, no secret
        return await self._ask(operation, body)

    def close(self) -> None:
        self._pool.close()

    async def _ask(self, operation: str, body: bytes) -> dict[str, Any]:
        keys = self._credentials.known() or await self._credentials.renewed()
        headers = {"host": self._pool.endpoint.host, "content-type": _TYPE, "x-amz-target": _TARGET + operation}
        headers = signed_headers(keys, self._region, int(time.time()), headers, body)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST / HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n"
        return content(operation, await self._pool.exchange(head.encode() + body))


def content(operation: str, answer: Answer) -> dict[str, Any]:
    """Return what the answer says; raises `NoResponse` when it says nothing that makes sense."""
    checksum = answer.headers.get(b"x-amz-crc32")
    if checksum and checksum != b"%d" % zlib.crc32(answer.body):
        raise NoResponse("its checksum is wrong")
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise NoResponse(f"{answer.status}, and no JSON") from error
    if not isinstance(found, dict):
        raise NoResponse(f"{answer.status}, and no JSON object")
    if answer.status == 200:
        return found
    request_id = answer.headers.get(b"x-amzn-requestid", b"").decode("latin-1")
    raise refusal(operation, answer.status, found, request_id)
