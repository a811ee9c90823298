"""Requests to the provider: bounded in time and size, without redirects, and without a proxy of the environment."""

import asyncio
import json
from typing import Any

import httpx

from foundation.errors import Unavailable

# Seconds for a whole answer, however slowly it comes, and how large one may be.
TIMEOUT = 5.0
MAX_BYTES = 500_000
_AWAY = "The provider that signs people in does not answer: try again in a moment, or sign in another way."


class ProviderAway(Unavailable):
    """The provider does not answer, or with nothing that it should; people with a password still sign in."""

    default_message = _AWAY


async def fetch(method: str, url: str, *, headers: dict[str, str], body: str = "") -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON object of an answer; raises `ProviderAway` for anything else."""
    try:
        async with asyncio.timeout(TIMEOUT), httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            request = client.stream(method, url, headers=headers, content=body.encode() or None)
            async with request as response:
                return response.status_code, _parsed(await _read(response))
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
        raise ProviderAway from error


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_BYTES:
            raise ProviderAway
    return bytes(body)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProviderAway from error
    if not isinstance(parsed, dict):
        raise ProviderAway
    return parsed
