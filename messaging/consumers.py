"""The socket door: the chat's events, each to its service through the serializer that the other doors use too."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from rest_framework import serializers as drf

from foundation.errors import ChatError, Forbidden, TokenExpired, Unauthenticated
from foundation.validation import validated
from presence import broadcaster as presence
from realtime.application import Deferred, Handler, Handshake, Reply, dispatch
from realtime.hub.connection import Connection
from realtime.hub.hub import get_hub
from users.actor import Actor
from users.revoked import revoked_sessions
from users.services import check_token
from users.tokens import Claims

from . import live, selectors, serializers, services
from .events import ServerDraining
from .serializers import HandshakeInput

# The close code of a session that is over; the client comes back with a fresh token.
SESSION_OVER = 4001
# How many sends of one connection may be under way.
MAX_SENDS = 64
# How many clients a second a server that goes down sends to the others, and over how many seconds at most.
COME_BACK_A_SECOND = 200.0
MAX_SPREAD = 30.0

Act = Callable[..., Awaitable[dict[str, Any] | Deferred | None]]
SerializerClass = type[drf.Serializer[Any]]


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """What a client may send: the shape of its data, what is done with it, and what the answer has beside `ok`."""

    data: SerializerClass
    act: Act
    answer: SerializerClass | None = None

    async def handle(self, connection: Connection, data: Any) -> dict[str, Any] | Deferred | None:
        return await self.act(connection=connection, **validated(self.data, data))


def _as_user(service: Act) -> Act:
    """Call the service for the connection's user, as long as their session lasts."""

    async def act(*, connection: Connection, **given: Any) -> dict[str, Any] | Deferred | None:
        return await service(actor=_actor(connection), **given)

    return act


async def _send(*, connection: Connection, **message: Any) -> Deferred:
    """Queue a message; the client's next one need not wait until it is stored, and keeps its place behind it."""
    return Deferred(await services.begin_send(actor=_actor(connection), **message))


def _actor(connection: Connection) -> Actor:
    state: live.ConnectionState = connection.state
    if state.claims.expires_at + settings.TOKEN_LEEWAY < time.time():
        raise TokenExpired
    return state.actor


async def _refresh(*, connection: Connection, token: str) -> dict[str, Any]:
    """Put a fresh token of the same user in the place of the one that runs out; the connection goes on."""
    claims = await check_token(token=token)
    if claims.user_id != connection.user_id:
        raise Forbidden("This connection is another user's: open one of your own.")
    connection.state.renew(claims)
    _expire_with(connection, claims)
    return {"expiresAt": claims.expires_at}


def _expire_with(connection: Connection, claims: Claims) -> None:
    """End the connection when this token runs out, and not when an earlier one does."""
    if connection.expiry:
        connection.expiry.cancel()
    delay = claims.expires_at + settings.TOKEN_LEEWAY - time.time()
    connection.expiry = asyncio.get_running_loop().call_later(max(0.0, delay), _expire, connection)


# Nothing else is handled, and nothing else is described (`chatproject.asyncapi`).
CLIENT_EVENTS: Mapping[str, ClientEvent] = {
    "message": ClientEvent(serializers.SendMessageInput, _send, serializers.SentSerializer),
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
    "authenticate": ClientEvent(serializers.AuthenticateInput, _refresh, serializers.RefreshedSerializer),
}


class ChatApplication:
    """The chat on any socket transport (`realtime.application.Application`)."""

    _handlers: Mapping[str, Handler] = {name: event.handle for name, event in CLIENT_EVENTS.items()}

    async def authenticate(self, connection: Connection, handshake: Handshake) -> None:
        """Sign in by the token of the handshake's auth, of the Authorization header, or of the session cookie."""
        claims = await check_token(token=_token(handshake))
        # Refused here, a wrong `since` ends the attempt; refused on entering, the client would come back with it.
        # Most bring nothing but a token, which has been checked.
        since = validated(HandshakeInput, handshake.auth).get("since") if "since" in handshake.auth else None
        connection.user_id = claims.user_id
        # Who tries again to enter may be waited for by what brings them into a group.
        lock = connection.state.lock if connection.state else asyncio.Lock()
        connection.state = live.ConnectionState(claims, since, lock)
        _expire_with(connection, claims)

    async def enter(self, connection: Connection, handshake: Handshake) -> None:
        await live.enter(connection)

    async def on_event(self, connection: Connection, event: Any, arguments: list[Any], reply: Reply | None) -> None:
        """Answer an event; who asked for no acknowledgement hears of a failure as an `error` event.

        Messages go into their group's log in the order in which they came, and are stored together; whatever else
        comes waits until they are.
        """
        sends = connection.state.sends
        if sends and (event != "message" or len(sends) >= MAX_SENDS):
            await asyncio.wait(sends)
        answer = await dispatch(self._handlers, connection, event, arguments)
        if isinstance(answer, asyncio.Task):
            connection.state.add_send(answer)
            answer.add_done_callback(lambda done: _tell(connection, event, done.result(), reply))
        else:
            _tell(connection, event, answer, reply)

    async def exit(self, connection: Connection) -> None:
        if connection.expiry:
            connection.expiry.cancel()
        get_hub().remove(connection)


def _tell(connection: Connection, event: Any, answer: dict[str, Any], reply: Reply | None) -> None:
    if reply:
        reply([answer])
    elif not answer["ok"]:
        # Half of a surrogate pair in a name could not be written back.
        connection.emit("error", {"event": str(event).encode(errors="replace").decode(), **answer["error"]})


def _token(handshake: Handshake) -> str:
    token = handshake.auth.get("token")
    if token is None:
        scheme, _, credentials = handshake.headers.get("authorization", "").partition(" ")
        token = credentials.strip() if scheme.lower() == "bearer" else handshake.cookies.get(settings.SESSION_COOKIE)
    if not isinstance(token, str) or not token:
        raise Unauthenticated
    return token


def announce_shutdown() -> None:
    """Tell each client when to come back, spread so that those who are left can take them."""
    connections = get_hub().connections()
    spread = min(MAX_SPREAD, max(1.0, len(connections) / COME_BACK_A_SECOND))
    for place, connection in enumerate(connections):
        event = ServerDraining(round(0.2 + spread * place / len(connections), 2))
        connection.emit(event.name, event.data())


def end_revoked_sessions() -> None:
    """From now on, end the connections of a session as soon as the session is known to have ended."""
    revoked_sessions().listen(_on_revoked)


def _on_revoked(session_ids: set[str]) -> None:
    for connection in get_hub().connections():
        if connection.state.claims.session_id in session_ids:
            _expire(connection)


def _expire(connection: Connection) -> None:
    """End a session whose token has run out; nothing more is delivered to it."""
    error: ChatError = TokenExpired()
    connection.emit("error", error.as_wire())
    get_hub().remove(connection)
    connection.end(SESSION_OVER, error.code)
