"""Sends PynamoDB's requests, signed, over pooled connections, and retries what failed for the moment."""

import asyncio
import math
import time
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import orjson
from botocore.exceptions import ClientError

from foundation.backoff import backoff
from foundation.pools import PoolFigures

from .connection import Response
from .credentials import CredentialsProvider
from .errors import NoResponse, client_error, is_refused, is_transient
from .pool import ConnectionPool
from .signing import sign

_TARGET_PREFIX = "DynamoDB_20120810."
_CONTENT_TYPE = "application/x-amz-json-1.0"
Delays = Callable[[], Iterator[float]]
# With the first one eight tries, and 1.3 s of waiting on average; a call has STORE_TIMEOUT (5 s) in all.
_DELAYS: Delays = partial(backoff, 7, base=0.025, cap=1.0)


class Client:
    """Talks to one endpoint on one event loop."""

    def __init__(
        self, pool: ConnectionPool, region: str, credentials: CredentialsProvider, *, delays: Delays = _DELAYS
    ) -> None:
        self._pool, self._region, self._credentials, self._delays = pool, region, credentials, delays

    async def send(self, operation: str, arguments: dict[str, Any], *, deadline: float = math.inf) -> dict[str, Any]:
        """Return the response's JSON; raises botocore's `ClientError`, or `NoResponse` when none arrived.

        A transient failure is retried with back-off, but not after `deadline` (in the loop's time), so a request may
        run several times. That is safe for reads; for conditional writes, whose author recognises its own row by its
        nonce (docs/decisions/0004); and for transactions, which carry an idempotency token.

        An error of throttling, or of a conflict, is raised only if no try can have been executed. The response to a
        `BatchGetItem` is complete: it has no `UnprocessedKeys`.
        """
        response = await self._send_with_retries(operation, arguments, deadline)
        if response.get("UnprocessedKeys"):
            return await self._read_unprocessed(operation, arguments, response, deadline)
        return response

    def pool_figures(self) -> PoolFigures:
        return self._pool.figures()

    def close(self) -> None:
        self._pool.close()

    async def _send_with_retries(self, operation: str, arguments: dict[str, Any], deadline: float) -> dict[str, Any]:
        body = orjson.dumps(arguments)
        try:
            return await self._send_once(operation, body)
        except (NoResponse, ClientError) as error:
            return await self._retry(operation, body, error, deadline)

    async def _retry(
        self, operation: str, body: bytes, failure: NoResponse | ClientError, deadline: float
    ) -> dict[str, Any]:
        """Retry for as long as the failures are transient; return the response, or raise the failure that remains."""
        # The last failure after which the request may have been executed, which a refused retry does not change.
        unknown: NoResponse | ClientError | None = None
        delays = self._delays()
        try:
            while is_transient(failure):
                if not is_refused(failure):
                    unknown = failure
                if not await _pause(delays, deadline):
                    raise unknown or failure
                try:
                    return await self._send_once(operation, body)
                except (NoResponse, ClientError) as error:
                    failure = error
            raise failure
        finally:
            # Break the reference cycle of the exceptions and this frame.
            del failure, unknown

    async def _read_unprocessed(
        self, operation: str, arguments: dict[str, Any], response: dict[str, Any], deadline: float
    ) -> dict[str, Any]:
        """Return the response to a batch with all of its rows: under load, DynamoDB returns only some at a time.

        PynamoDB would request the others again without a pause, for as long as DynamoDB returns none.
        """
        rows: dict[str, list[Any]] = response.get("Responses") or {}
        delays = self._delays()
        while keys := response.get("UnprocessedKeys"):
            if not await _pause(delays, deadline):
                message = "Some keys of the batch were not read in time."
                raise client_error(operation, 400, {"__type": "ThrottlingException", "message": message}, "")
            response = await self._send_with_retries(operation, {**arguments, "RequestItems": keys}, deadline)
            for table, more in (response.get("Responses") or {}).items():
                rows.setdefault(table, []).extend(more)
                if more:
                    delays = self._delays()
        return {**response, "Responses": rows, "UnprocessedKeys": {}}

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


async def _pause(delays: Iterator[float], deadline: float) -> bool:
    """Wait for the next delay; return False at once if there is none, or if it would end after the deadline."""
    delay = next(delays, None)
    if delay is None or asyncio.get_running_loop().time() + delay >= deadline:
        return False
    await asyncio.sleep(delay)
    return True


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
    failure = client_error(operation, response.status, content, request_id)
    if response.resent and is_refused(failure):
        raise NoResponse("refused, and an earlier try had no response") from failure
    raise failure
