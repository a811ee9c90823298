"""Clerk's Backend API, of which this server reads single users."""

import asyncio
import json
from dataclasses import dataclass

import httpx
from django.conf import settings

from foundation.errors import Invalid

from .profile import Profile, parse_profile

# Seconds for a whole answer, however slowly it comes, and how large one may be.
TIMEOUT = 5.0
_MAX_BYTES = 1_000_000


class UserUnknown(Exception):
    """Clerk has no user of this id, or answers with something that is none."""


@dataclass
class BackendAway(Exception):
    """Clerk refuses or does not answer; `retry_after` is in seconds, None where it does not say."""

    reason: str
    retry_after: float | None = None


async def get_user(user_id: str) -> Profile:
    """Return Clerk's user; raises `UserUnknown` or `BackendAway`."""
    headers = {"Authorization": f"Bearer {settings.CLERK_SECRET_KEY}", "Accept": "application/json"}
    try:
        async with asyncio.timeout(TIMEOUT), httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            # The id is a token's subject, of characters that need no escape (`is_user_id`).
            url = f"{settings.CLERK_API_URL}/v1/users/{user_id}"
            async with client.stream("GET", url, headers=headers) as response:
                return await _read(response, user_id)
    except (TimeoutError, httpx.HTTPError) as error:
        raise BackendAway(type(error).__name__) from error


async def _read(response: httpx.Response, user_id: str) -> Profile:
    if response.status_code == 404:
        raise UserUnknown
    if response.status_code != 200:
        raise BackendAway(f"status {response.status_code}", _seconds(response.headers.get("Retry-After")))
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > _MAX_BYTES:
            raise UserUnknown
    try:
        profile = parse_profile(json.loads(body))
    except (Invalid, ValueError, RecursionError) as error:
        raise UserUnknown from error
    if profile.user_id != user_id:
        raise UserUnknown
    return profile


def _seconds(value: str | None) -> float | None:
    return float(value) if value and value.isascii() and value.isdigit() and len(value) < 5 else None
