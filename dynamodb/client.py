"""Sends PynamoDB's requests, signed, over pooled connections, and retries a transient failure once."""

import asyncio
import random
import time
import zlib
from typing import Any

import orjson
from botocore.exceptions import ClientError

from .connection import Response
from .credentials import CredentialsProvider
from .errors import NoResponse, client_error, is_transient
from .pool import ConnectionPool
from .signing import sign

_TARGET_PREFIX = "DynamoDB_20120810."
_CONTENT_TYPE = "application/x-amz-json-1.0"
# Seconds, drawn at random: callers that failed together must not retry together.
_RETRY_DELAY = (0.02, 0.1)


class Client:
    """Talks to one endpoint on one event loop."""

    def __init__(self, pool: ConnectionPool, region: str, credentials: CredentialsProvider) -> None:
        self._pool, self._region, self._credentials = pool, region, credentials

    async def send(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the response's JSON; raises botocore's `ClientError`, or `NoResponse` when none arrived.

        A transient failure is retried once, as botocore did, so a request may run twice. That is safe for reads;
        for conditional writes, whose author recognises its own row by its nonce (docs/decisions/0004); and for
        transactions, which carry an idempotency token.
        """
        body = orjson.dumps(arguments)
        try:
            return await self._send_once(operation, body)
        except (NoResponse, ClientError) as error:
            if not is_transient(error):
                raise
        await asyncio.sleep(random.uniform(*_RETRY_DELAY))  # noqa: S311 - jitter, not a secret
        return await self._send_once(operation, body)

    def close(self) -> None:
        self._pool.close()

    async def _send_once(self, operation: str, body: bytes) -> dict[str, Any]:
        credentials = self._credentials.current() or await self._credentials.refresh()
        headers = {
            "host": self._pool.endpoint.host,
            "content-type": _CONTENT_TYPE,
            "x-amz-target": _TARGET_PREFIX + operation,
        }
        headers = sign(headers, body, credentials, self._region, int(time.time()))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST / HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n"
        return parse_response(operation, await self._pool.send(head.encode() + body))


def parse_response(operation: str, response: Response) -> dict[str, Any]:
    """Return the JSON of a 200; raises `ClientError` for any other status, `NoResponse` for a corrupt body."""
    checksum = response.headers.get(b"x-amz-crc32")
    if checksum and checksum != b"%d" % zlib.crc32(response.body):
        raise NoResponse("its checksum is wrong")
    try:
        content = orjson.loads(response.body)
    except orjson.JSONDecodeError as error:
        raise NoResponse(f"{response.status}, and no JSON") from error
    if not isinstance(content, dict):
        raise NoResponse(f"{response.status}, and no JSON object")
    if response.status == 200:
        return content
    request_id = response.headers.get(b"x-amzn-requestid", b"").decode("latin-1")
    raise client_error(operation, response.status, content, request_id)
