"""Sends one push to a device's push service, within bounds: no redirect is followed, and hardly anything is read.

What gets no turn (`origins`) goes back to the outbox.
"""

import asyncio
import random
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpcore
from django.conf import settings

from foundation.per_loop import PerLoop
from notifications.devices.models import Device

from .addresses import PublicNetwork, problem_of
from .encryption import encrypt
from .names import Names
from .origins import Crowded, Origin, Origins, origin_of
from .vapid import get_vapid

SENT, GONE, REFUSED, LATER, BUSY = "sent", "gone", "refused", "later", "busy"
# Connections to all push services.
_MAX_OF_ALL = 400
# How much is read of an answer.
_MAX_ANSWER = 4_096
# What a push service may ask us to wait, in seconds.
_MAX_RETRY_AFTER = 3600.0
# Seconds until what got no turn is tried again, at an origin that answers, and at another.
_PAUSE, _PAUSE_OF_NEW = 1.0, 3.0


@dataclass(frozen=True, slots=True)
class Push:
    """What is to be sent: `topic` (32 letters of base64url at most) replaces what of it was not delivered yet."""

    payload: bytes
    topic: str
    ttl: int
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """How it went; of LATER and BUSY, in how many seconds it may be tried again at the earliest.

    BUSY: it was not tried, others were before it.
    """

    outcome: str
    after: float = 0.0


class PushClient:
    """The connections to push services of one event loop."""

    def __init__(self) -> None:
        self._names = Names()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(),
            max_connections=_MAX_OF_ALL,
            max_keepalive_connections=20,
            keepalive_expiry=60.0,
            network_backend=PublicNetwork(self._names.find),
        )
        self._origins = Origins()

    async def send(self, device: Device, push: Push) -> Answer:
        """Send a push to a device; raises `Unavailable` where the server's key cannot be read, nothing else."""
        if problem_of(device.endpoint) is not None:
            # The setting was changed since it was added.
            return Answer(GONE)
        address = origin_of(device.endpoint)
        origin = self._origins.get(address)
        if origin.rest > 0:
            return _rest(origin)
        authorization = (await get_vapid()).authorization(address)
        try:
            async with origin.turn():
                # Those before it may have found out that it is away.
                return await self._try(origin, device, push, authorization) if origin.rest <= 0 else _rest(origin)
        except Crowded:
            return Answer(BUSY, (_PAUSE if origin.is_known else _PAUSE_OF_NEW) * random.uniform(0.7, 1.3))  # noqa: S311

    async def _try(self, origin: Origin, device: Device, push: Push, authorization: str) -> Answer:
        try:
            async with asyncio.timeout(settings.PUSH_TIMEOUT):
                answer = await self._post(device, push, authorization)
        except (TimeoutError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError):
            answer = Answer(LATER)
        except (httpcore.UnsupportedProtocol, ValueError, ssl.SSLError):
            return Answer(REFUSED)
        if answer.outcome == LATER and answer.after == 0.0:
            origin.failed()
        else:
            origin.answered()
        return answer

    async def _post(self, device: Device, push: Push, authorization: str) -> Answer:
        body = encrypt(push.payload, public_key=device.public_key, secret=device.secret)
        headers = {
            "Authorization": authorization,
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "Content-Length": str(len(body)),
            "TTL": str(push.ttl),
            "Topic": push.topic,
            "Urgency": "high" if push.is_urgent else "normal",
        }
        # By one way to write the origin, so that its connections serve all of its devices.
        parts, target = urlsplit(origin_of(device.endpoint)), httpcore.URL(device.endpoint).target
        address = httpcore.URL(scheme=parts.scheme, host=parts.hostname or "", port=parts.port, target=target)
        host = parts.netloc
        encoded = [(name.encode(), value.encode()) for name, value in {"Host": host, **headers}.items()]
        async with self._pool.stream("POST", address, headers=encoded, content=body) as response:
            read = 0
            # What is short is read, so that the connection serves again; of anything else the connection is closed.
            async for part in response.aiter_stream():
                read += len(part)
                if read > _MAX_ANSWER:
                    break
            return answer_of(response.status, dict(response.headers).get(b"retry-after", b"").decode("latin-1"))

    async def close(self) -> None:
        self._names.close()
        await self._pool.aclose()


def _rest(origin: Origin) -> Answer:
    return Answer(LATER, origin.rest)


def answer_of(status: int, retry_after: str = "") -> Answer:
    """Return what a status says: a redirect counts as a refusal."""
    if 200 <= status < 300:
        return Answer(SENT)
    if status in (404, 410):
        return Answer(GONE)
    if status == 429 or status >= 500:
        return Answer(LATER, _seconds(retry_after))
    return Answer(REFUSED)


def _seconds(retry_after: str) -> float:
    """Return what the header says, in seconds; 0 where it says nothing that makes sense."""
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 8:
        return min(_MAX_RETRY_AFTER, float(retry_after))
    try:
        moment = parsedate_to_datetime(retry_after)
        return min(_MAX_RETRY_AFTER, max(0.0, (moment - datetime.now(UTC)).total_seconds()))
    except (TypeError, ValueError):
        return 0.0


def _tls() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


push_client = PerLoop(PushClient)
