"""The socket door: the chat's events, each to its service through the serializer that the other doors use too."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from rest_framework import serializers as drf

from chatproject.errors import ChatError, TokenExpired, Unauthenticated
from chatproject.validation import validated
from realtime.application import Handler, Handshake
from realtime.connection import Connection
from realtime.hub import get_hub
from users.services import sign_in

from . import live, selectors, serializers, services
from .serializers import Handshake as HandshakeInput

# The close code of a session that is over; the client comes back with a fresh token.
SESSION_OVER = 4001

Service = Callable[..., Awaitable[dict[str, Any] | None]]


def _event(service: Service, serializer: type[drf.Serializer[Any]]) -> Handler:
    """Return the handler that checks an event's data and calls the service for the connection's user."""

    async def handle(connection: Connection, data: Any) -> dict[str, Any] | None:
        session: live.Session = connection.session
        if session.actor.expires_at + settings.TOKEN_LEEWAY < time.time():
            raise TokenExpired
        return await service(actor=session.actor, **validated(serializer, data))

    return handle


class ChatApplication:
    """The chat on any socket transport (`realtime.application.Application`)."""

    handlers: Mapping[str, Handler] = {
        "message": _event(services.send_message, serializers.SendMessage),
        "edit_message": _event(services.edit_message, serializers.EditMessage),
        "delete_message": _event(services.delete_message, serializers.MessageRef),
        "reaction": _event(services.react, serializers.Reaction),
        "thread_sync": _event(selectors.thread_state, serializers.ThreadSync),
        "thread_typing": _event(services.set_typing, serializers.Typing),
        "thread_read": _event(services.mark_read, serializers.MarkRead),
    }

    async def authenticate(self, connection: Connection, handshake: Handshake) -> None:
        """Sign in by the token of the handshake's auth, of the Authorization header, or of the session cookie."""
        actor = await sign_in(token=_token(handshake))
        # Refused here, a wrong `since` ends the attempt; refused on entering, the client would come back with it.
        validated(HandshakeInput, dict(handshake.auth))
        connection.user_id = actor.user_id
        connection.session = live.Session(actor)
        delay = actor.expires_at + settings.TOKEN_LEEWAY - time.time()
        connection.expiry = asyncio.get_running_loop().call_later(max(0.0, delay), _expire, connection)

    async def enter(self, connection: Connection, handshake: Handshake) -> None:
        await live.enter(connection, validated(HandshakeInput, dict(handshake.auth)).get("since") or {})

    async def exit(self, connection: Connection) -> None:
        if connection.expiry:
            connection.expiry.cancel()
        get_hub().remove(connection)


def _token(handshake: Handshake) -> str:
    token = handshake.auth.get("token")
    if token is None:
        scheme, _, credentials = handshake.headers.get("authorization", "").partition(" ")
        token = credentials.strip() if scheme.lower() == "bearer" else handshake.cookies.get(settings.SESSION_COOKIE)
    if not isinstance(token, str) or not token:
        raise Unauthenticated
    return token


def _expire(connection: Connection) -> None:
    """End a session whose token has run out; nothing more is delivered to it."""
    error: ChatError = TokenExpired()
    connection.emit("error", error.as_wire())
    get_hub().remove(connection)
    connection.end_after_writing(SESSION_OVER, error.code)
