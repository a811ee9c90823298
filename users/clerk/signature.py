"""The signatures of Clerk's webhooks, which Svix sends."""

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings

from foundation.errors import Unauthenticated

# Svix signs over both; its library would take the unbranded names too, and with them a delivery under another id.
ID, _TIMESTAMP, _SIGNATURE = "svix-id", "svix-timestamp", "svix-signature"
# How far the time in the header may be from ours, in seconds: the library's own bound.
TOLERANCE = 300


async def prepare() -> None:
    """Import the library before the first webhook; it takes over a second, and 34 MB where there are webhooks."""
    if settings.CLERK_WEBHOOK_SIGNING_SECRET:
        await asyncio.to_thread(_verifier)


def verify(body: bytes, headers: Mapping[str, str]) -> str:
    """Return the id of a delivery that Svix has signed within `TOLERANCE`; raises `Unauthenticated`.

    `body` is the request's, byte for byte; the names of the headers are in lower case.
    """
    signed = {name: headers.get(name, "") for name in (ID, _TIMESTAMP, _SIGNATURE)}
    try:
        _verifier().verify(body, signed)
    # Any failure to read what a stranger sends rejects it: the library raises whatever its parsing does.
    except Exception as error:
        raise Unauthenticated("The webhook has no valid signature of this time: see docs/clerk.md.") from error
    return signed[ID]


@cache
def _verifier() -> Any:
    # Here, not above: importing it takes a second and 34 MB, and most servers have no webhooks.
    from svix.webhooks import Webhook

    return Webhook(settings.CLERK_WEBHOOK_SIGNING_SECRET)
