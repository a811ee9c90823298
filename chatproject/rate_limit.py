"""ASGI middleware around Django: counts requests over all processes, and refuses those over a budget (docs/limits.md).

It runs before the body is read: a refused upload is not spooled.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from io import BytesIO

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from accounts.access import keeps_accounts
from accounts.seen import seen
from foundation.cookies import parse_cookies
from foundation.errors import AppError, RateLimited, Unauthenticated, Unavailable
from foundation.limits import compute, shared
from foundation.limits.address import client_address
from foundation.limits.usage import Usage, tightest
from realtime.transport.request import headers_of
from users.authentication import bearer_token
from users.services import check_token, check_token_from
from users.session_cookies import read_session_cookie
from web.content_security import content_security
from web.shell import page

from .budgets import Door, door_of
from .django_handler import PROBED, Request
from .refusal import Application, Message, Receive, Scope, Send, refuse, respond

# How long one who asks for much, and owes for it, waits for whether the server is well: probes have longer time-outs.
_PROBE_SECONDS = 0.5


class RateLimit:
    """Wraps an HTTP application: requests of a signed-in user count for the user, others for the client's address."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        door = door_of(scope["method"], scope["path"])
        if not settings.RATE_LIMITS:
            await _note_use(scope, headers, door)
            await self.app(scope, receive, send)
        elif not door.budgets or _is_preflight(scope, headers):
            caller = compute.at_address(scope)
            await _wait_for_turn(caller, receive, is_probe=scope["path"] in PROBED)
            if not _has_gone(receive):
                await self._serve(caller, scope, receive, send)
        else:
            await self._count_and_serve(scope, receive, send, headers, door)

    async def _serve(self, caller: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what is within its budgets, when it is the caller's turn."""
        compute.caller.set(caller)
        await compute.metered(caller, self.app(scope, receive, send))

    async def _count_and_serve(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str], door: Door
    ) -> None:
        caller = compute.at_address(scope)
        try:
            caller = await _find_caller(caller, scope, headers, door)
            compute.note_caller(scope, caller)
            await compute.wait_for_turn(caller, is_request=True, gone=partial(_has_gone, receive))
            if _has_gone(receive):
                return
            usages = await shared.count(door.budgets, caller)
        except (RateLimited, Unavailable) as error:
            refusing = (
                _refuse_page(error, scope, receive, send) if door.is_page else refuse(error, headers, receive, send)
            )
            await compute.metered(caller, refusing)
            return
        usage = tightest(usages)
        await self._serve(caller, scope, receive, _with_headers(send, usage) if usage else send)


async def _wait_for_turn(caller: str, receive: Receive, *, is_probe: bool) -> None:
    """Return when the caller may go on; a probe, while it owes nothing, at once: it must not take out what works."""
    if not is_probe:
        await compute.wait_for_turn(caller, is_request=True, gone=partial(_has_gone, receive))
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(_PROBE_SECONDS):
            await compute.wait_for_turn(caller)


def _has_gone(receive: Receive) -> bool:
    """Return whether the client has hung up while it waited; only uvicorn's own request says so."""
    return getattr(getattr(receive, "__self__", None), "disconnected", False) is True


def _is_preflight(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Whether a browser asks on behalf of a page of another origin: no view sees it, and it carries no credentials."""
    return scope["method"] == "OPTIONS" and "access-control-request-method" in headers


async def _find_caller(address: str, scope: Scope, headers: Mapping[str, str], door: Door) -> str:
    """Do as `_caller`, and charge that to whom it finds, or to the address."""
    meter, caller = compute.Meter(), address
    try:
        caller = await meter.run(_caller(scope, headers, door))
        return caller
    finally:
        compute.charge(caller, meter.seconds)


async def _caller(scope: Scope, headers: Mapping[str, str], door: Door) -> str:
    """Return whom a request is counted for; raises `RateLimited` or `Unavailable` for a failed attempt to sign in."""
    address = client_address(scope)
    token = None if door.public else _token(headers)
    if token:
        try:
            claims = await check_token_from(token=token, address=address)
            seen().note(claims, address=address, agent=headers.get("user-agent", ""))
            return claims.user_id
        except Unauthenticated:
            # The view refuses it in its own way.
            pass
    return f"address:{address}"


async def _note_use(scope: Scope, headers: Mapping[str, str], door: Door) -> None:
    """Note where a session is seen, as is done for whoever is counted."""
    token = None if door.public or not keeps_accounts() else _token(headers)
    if token:
        # The view refuses it in its own way.
        with suppress(AppError):
            claims = await check_token(token=token)
            seen().note(claims, address=client_address(scope), agent=headers.get("user-agent", ""))


def _token(headers: Mapping[str, str]) -> str | None:
    """Return the token that the views will check, if any."""
    try:
        token = bearer_token(headers.get("authorization", ""))
    except Unauthenticated:
        return None
    return token or read_session_cookie(parse_cookies(headers.get("cookie", "")))


def _with_headers(send: Send, usage: Usage) -> Send:
    async def send_with_headers(message: Message) -> None:
        # An error of a budget in memory has its own.
        if message["type"] == "http.response.start" and not _has_usage(message):
            added = [(name.lower().encode(), value.encode()) for name, value in usage.headers().items()]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return send_with_headers


def _has_usage(response: Message) -> bool:
    return any(name.lower() == b"ratelimit-limit" for name, _ in response["headers"])


async def _refuse_page(error: AppError, scope: Scope, receive: Receive, send: Send) -> None:
    """Respond with the error page that any page shows for this error."""

    @page
    async def refused(request: HttpRequest) -> HttpResponseBase:
        raise error

    # As a GET: the body is not read, so there is no form to show again.
    response = await content_security(refused)(Request({**scope, "method": "GET"}, BytesIO()))
    assert isinstance(response, HttpResponse)
    await respond(response.status_code, dict(response.items()), response.content, receive, send)
