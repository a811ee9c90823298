"""Sends one push to a device's push service, within bounds: no redirect is followed, and hardly anything is read.

Each push service has its own bound of requests at a time, and rests after failures: one that is slow or dead delays no
other. A burst waits a moment for its turn; what gets none goes back to the outbox.
"""

import asyncio
import ssl
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpcore
from django.conf import settings

from foundation.per_loop import PerLoop
from notifications.devices.models import Device

from .addresses import PublicNetwork, problem_of
from .encryption import encrypt
from .vapid import get_vapid

SENT, GONE, REFUSED, LATER, BUSY = "sent", "gone", "refused", "later", "busy"
# Requests at a time to one push service, how many wait for their turn there, and connections to all.
_MAX_OF_ONE, _MAX_WAITING, _MAX_OF_ALL = 32, 150, 200
# How much is read of an answer.
_MAX_ANSWER = 4_096
# Failures in a row after which a push service is left alone for a while, and for how long, in seconds.
_FAILURES, _MIN_REST, _MAX_REST = 4, 5.0, 300.0
# Of so many push services it is known how they do.
_MAX_SERVICES = 500
# What a push service may ask us to wait, in seconds.
_MAX_RETRY_AFTER = 3600.0
# Seconds until what got no turn is tried again.
_BUSY_PAUSE = 1.0


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


@dataclass(slots=True)
class _Service:
    """How one push service does."""

    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_MAX_OF_ONE))
    inside: int = 0
    failures: int = 0
    rests_until: float = 0.0

    @property
    def rest(self) -> float:
        return self.rests_until - time.monotonic()

    def note(self, *, failed: bool) -> None:
        self.failures = self.failures + 1 if failed else 0
        if self.failures >= _FAILURES:
            rest = min(_MAX_REST, _MIN_REST * 2.0 ** min(self.failures - _FAILURES, 10))
            self.rests_until = time.monotonic() + rest


class PushClient:
    """The connections to push services of one event loop."""

    def __init__(self) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(),
            max_connections=_MAX_OF_ALL,
            max_keepalive_connections=20,
            keepalive_expiry=60.0,
            network_backend=PublicNetwork(),
        )
        self._services: OrderedDict[str, _Service] = OrderedDict()

    async def send(self, device: Device, push: Push) -> Answer:
        """Send a push to a device; raises `Unavailable` where the server's key cannot be read, nothing else."""
        if problem_of(device.endpoint) is not None:
            # The setting was changed since it was added.
            return Answer(GONE)
        parts = urlsplit(device.endpoint)
        origin = f"{parts.scheme}://{parts.netloc}"
        service = self._service(origin)
        if service.rest > 0:
            return Answer(LATER, service.rest)
        if service.inside >= _MAX_OF_ONE + _MAX_WAITING:
            return Answer(BUSY, _BUSY_PAUSE)
        authorization = (await get_vapid()).authorization(origin)
        service.inside += 1
        try:
            return await self._in_turn(service, device, push, authorization)
        finally:
            service.inside -= 1

    async def _in_turn(self, service: _Service, device: Device, push: Push, authorization: str) -> Answer:
        try:
            async with asyncio.timeout(settings.PUSH_TIMEOUT):
                await service.slots.acquire()
        except TimeoutError:
            return Answer(BUSY, _BUSY_PAUSE)
        try:
            # Those before it may have found out that the service is away.
            if service.rest > 0:
                return Answer(LATER, service.rest)
            answer = await self._try(device, push, authorization)
            service.note(failed=answer.outcome == LATER and answer.after == 0.0)
            return answer
        finally:
            service.slots.release()

    async def _try(self, device: Device, push: Push, authorization: str) -> Answer:
        try:
            async with asyncio.timeout(settings.PUSH_TIMEOUT):
                answer = await self._post(device, push, authorization)
        except (TimeoutError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError):
            answer = Answer(LATER)
        except (httpcore.UnsupportedProtocol, ValueError, ssl.SSLError):
            answer = Answer(REFUSED)
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
        address = httpcore.URL(device.endpoint)
        host = urlsplit(device.endpoint).netloc
        encoded = [(name.encode(), value.encode()) for name, value in {"Host": host, **headers}.items()]
        async with self._pool.stream("POST", address, headers=encoded, content=body) as response:
            read = 0
            # What is short is read, so that the connection serves again; of anything else the connection is closed.
            async for part in response.aiter_stream():
                read += len(part)
                if read > _MAX_ANSWER:
                    break
            return answer_of(response.status, dict(response.headers).get(b"retry-after", b"").decode("latin-1"))

    def _service(self, origin: str) -> _Service:
        service = self._services.setdefault(origin, _Service())
        self._services.move_to_end(origin)
        if len(self._services) > _MAX_SERVICES:
            oldest = next(iter(self._services))
            if not self._services[oldest].inside:
                del self._services[oldest]
        return service

    async def close(self) -> None:
        await self._pool.aclose()


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
