"""The chat's endpoint for sockets: authentication of the handshake, and the events that clients may send.

Each event is checked by the input serializer that the HTTP views and pages use too, and calls the same service.
`realtime.dispatcher` dispatches the events; `chatproject.asyncapi` describes them.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from rest_framework import serializers as drf

from foundation.errors import Forbidden, TokenExpired, Unauthenticated
from foundation.limits import bucket
from foundation.validation import validated
from presence import services as presence
from realtime.application import Handshake
from realtime.dispatcher import Deferred, EventDispatcher, Result
from realtime.hub.connection import Connection
from realtime.hub.hub import get_hub
from users.actor import Actor
from users.services import check_token, check_token_from

from . import connecting, selectors, serializers, services
from .connection_state import ConnectionState
from .serializers import HandshakeInput
from .session_expiry import close_at_expiry

SerializerClass = type[drf.Serializer[Any]]
# Takes the connection and the fields of the input serializer as keyword arguments.
Handler = Callable[..., Awaitable[Result | Deferred]]


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """An event that clients may send (`realtime.dispatcher.EventHandler`).

    `output` is what the acknowledgement has beside `ok`.
    """

    input: SerializerClass
    handler: Handler
    output: SerializerClass | None = None
    pipelined: bool = False

    async def handle(self, connection: Connection, data: Any) -> Result | Deferred:
        return await self.handler(connection=connection, **validated(self.input, data))


def _as_user(service: Handler) -> Handler:
    """Call a service or selector with the connection's user as `actor`."""

    async def handler(*, connection: Connection, **fields: Any) -> Result | Deferred:
        return await service(actor=_actor(connection), **fields)

    return handler


def _actor(connection: Connection) -> Actor:
    state: ConnectionState = connection.state
    # Its timer closes the connection, but an overloaded event loop runs timers late.
    if state.claims.expires_at + settings.TOKEN_LEEWAY < time.time():
        raise TokenExpired
    return state.actor


async def _send(*, connection: Connection, **message: Any) -> Deferred:
    """Queue a message in its group's log; its place there is fixed before the next event is handled."""
    return Deferred(await services.begin_send(actor=_actor(connection), **message))


async def _renew_session(*, connection: Connection, token: str) -> Result:
    """Replace the connection's token with a fresh one of the same user."""
    bucket.draw("authenticate", connection.user_id)
    claims = await check_token(token=token)
    if claims.user_id != connection.user_id:
        raise Forbidden("This connection is another user's: open one of your own.")
    connection.state.renew(claims)
    close_at_expiry(connection, claims)
    return {"expiresAt": claims.expires_at}


CLIENT_EVENTS: Mapping[str, ClientEvent] = {
    # Sends are stored in batches: each waiting for the one before it would be a batch of one.
    "message": ClientEvent(serializers.SendMessageInput, _send, serializers.SentSerializer, pipelined=True),
    "edit_message": ClientEvent(
        serializers.EditMessageInput, _as_user(services.edit_message), serializers.EditedSerializer
    ),
    "delete_message": ClientEvent(
        serializers.DeleteMessageInput, _as_user(services.delete_message), serializers.DeletionSerializer
    ),
    "reaction": ClientEvent(serializers.ReactionInput, _as_user(services.react), serializers.ReactionsSerializer),
    "thread_sync": ClientEvent(
        serializers.ThreadSyncInput, _as_user(selectors.thread_state), serializers.ThreadStateSerializer
    ),
    "thread_typing": ClientEvent(serializers.TypingInput, _as_user(services.set_typing)),
    "thread_read": ClientEvent(serializers.MarkReadInput, _as_user(services.mark_read), serializers.ReadSerializer),
    "presence": ClientEvent(serializers.PresenceInput, presence.set_presence),
    "authenticate": ClientEvent(serializers.AuthenticateInput, _renew_session, serializers.RefreshedSerializer),
}


class ChatApplication(EventDispatcher):
    """The chat on any socket transport (`realtime.application.Application`)."""

    events = CLIENT_EVENTS

    async def authenticate(self, connection: Connection, handshake: Handshake) -> None:
        """Sign in by the token of the handshake's auth, of the Authorization header, or of the session cookie."""
        claims = await check_token_from(token=_token(handshake), address=handshake.address)
        # An invalid `since` is refused here, which ends the attempt: an error of `connect` would be retried.
        since = validated(HandshakeInput, handshake.auth).get("since") if "since" in handshake.auth else None
        # Nothing is awaited between this and `connect`, where the hub adds the connection.
        connecting.require_space(claims.user_id)
        connection.user_id = claims.user_id
        # A retry of `connect` keeps the lock: a task that adds the user to a group may wait for it.
        lock = connection.state.lock if connection.state else asyncio.Lock()
        connection.state = ConnectionState(claims, since, lock)
        close_at_expiry(connection, claims)

    async def connect(self, connection: Connection, handshake: Handshake) -> None:
        await connecting.connect(connection)

    async def disconnect(self, connection: Connection) -> None:
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
