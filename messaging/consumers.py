"""The chat's consumer: who may connect, and the events that clients may send.

One consumer serves one connection, whatever its transport: a namespace of Socket.IO, or a plain websocket at `/ws/`.
Each event's data is checked by the input serializer that the HTTP views and pages use too; the method calls the same
service as they do. `chatproject.asyncapi` describes the events by these declarations.
"""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

from django.conf import settings

from accounts.seen import seen
from foundation.errors import TokenExpired, Unauthenticated
from foundation.limits import bucket
from foundation.validation import validated
from groups.own_settings.serializers import ChangeOwnSettingsInput, OwnGroupSettingsSerializer
from groups.own_settings.services import change_own_settings
from groups.sections.serializers import SectionsSerializer, WriteSectionsInput
from groups.sections.services import write_sections
from presence import services as presence_services
from realtime.application import Handshake
from realtime.client_event import event
from realtime.consumer import EventConsumer
from realtime.dispatcher import Deferred, Result
from realtime.hub.hub import get_hub
from users.actor import Actor
from users.services import check_renewal, check_token_from
from users.session_cookies import read_session_cookie

from . import connecting, edit_history, selectors, serializers, services
from .connection_serializers import AuthenticateInput, HandshakeInput, PresenceInput, RefreshedSerializer
from .connection_state import ConnectionState
from .drafts import services as drafts
from .drafts.serializers import WriteDraftInput, WrittenDraftSerializer
from .events import ThreadChanged
from .inbox.serializers import ReadItemsInput, UnreadSerializer
from .inbox.services import read_items
from .later import planning, reminding
from .later.serializers import (
    ChangeScheduledInput,
    ReminderAnswerSerializer,
    ReminderRefInput,
    RemindInput,
    ScheduledAnswerSerializer,
    ScheduledRefInput,
    ScheduleMessageInput,
)
from .open_threads import open_threads
from .pins import services as pins
from .pins.serializers import PinChangeSerializer, PinInput
from .quotes import services as quotes
from .quotes.serializers import ForwardMessageInput, QuoteInput, QuoteSerializer
from .saved import services as saved
from .saved.serializers import SavedChangeSerializer, SaveMessageInput
from .session_expiry import close_at_expiry
from .text.answers import HtmlEncoder, html_encoder, with_html
from .text_serializers import FittingVersionsSerializer, HistoryInput
from .threads.serializers import FollowingSerializer, SetFollowingInput
from .threads.services import set_following
from .unread import mark_unread

# What a client may say in its handshake besides its token.
_WANTED = {"since", "threads", "render"}


class ChatConsumer(EventConsumer):
    """Serves one client of the chat."""

    connect_timeout = settings.CONNECT_TIMEOUT
    max_payload = settings.MAX_PACKET_BYTES

    async def connect(self, handshake: Handshake) -> None:
        """Sign in, then send `ready` and what the client missed; called again while a part of the server is down."""
        await self._sign_in(handshake)
        self.accept()
        await connecting.connect(self.connection)

    async def disconnect(self) -> None:
        if self.connection.expiry:
            self.connection.expiry.cancel()
        get_hub().remove(self.connection)
        open_threads().drop(self.connection)

    # --- events that clients send ------------------------------------------------------------------------------------
    # Sends are stored in batches: each waiting for the one before it would be a batch of one.
    @event(serializers.SendMessageInput, serializers.SentSerializer, pipelined=True)
    async def message(self, **message: Any) -> Deferred:
        """Queue a message in its group's log; its place there is fixed before the next event is handled."""
        return Deferred(self._rendered(await services.begin_send(actor=self.actor, **message)))

    @event(serializers.EditMessageInput, serializers.EditedSerializer)
    async def edit_message(self, **edit: Any) -> Result:
        return await self._rendered(services.edit_message(actor=self.actor, **edit))

    @event(serializers.DeleteMessageInput, serializers.DeletionSerializer)
    async def delete_message(self, **deletion: Any) -> Result:
        return await services.delete_message(actor=self.actor, **deletion)

    @event(serializers.ReactionInput, serializers.ReactionsSerializer)
    async def reaction(self, **reaction: Any) -> Result:
        return await services.react(actor=self.actor, **reaction)

    @event(PinInput, PinChangeSerializer)
    async def pin(self, **pin: Any) -> Result:
        return await pins.pin_message(actor=self.actor, **pin)

    @event(SaveMessageInput, SavedChangeSerializer)
    async def save_message(self, **change: Any) -> Result:
        return await saved.save_message(actor=self.actor, **change)

    @event(WriteDraftInput, WrittenDraftSerializer)
    async def draft(self, **draft: Any) -> Result:
        return await drafts.write_draft(actor=self.actor, **draft)

    @event(ScheduleMessageInput, ScheduledAnswerSerializer)
    async def schedule_message(self, **message: Any) -> Result:
        return await planning.schedule_message(actor=self.actor, **message)

    @event(ChangeScheduledInput, ScheduledAnswerSerializer)
    async def change_scheduled(self, **change: Any) -> Result:
        return await planning.change_scheduled(actor=self.actor, **change)

    @event(ScheduledRefInput, ScheduledAnswerSerializer)
    async def cancel_scheduled(self, **plan: Any) -> Result:
        return await planning.cancel_scheduled(actor=self.actor, **plan)

    @event(RemindInput, ReminderAnswerSerializer)
    async def remind(self, **reminder: Any) -> Result:
        return await reminding.remind(actor=self.actor, **reminder)

    @event(ReminderRefInput, ReminderAnswerSerializer)
    async def cancel_reminder(self, **plan: Any) -> Result:
        return await reminding.cancel_reminder(actor=self.actor, **plan)

    @event(QuoteInput, QuoteSerializer)
    async def quote(self, **message: Any) -> Result:
        return await quotes.quote_message(actor=self.actor, **message)

    @event(HistoryInput, FittingVersionsSerializer)
    async def message_history(self, **message: Any) -> Result:
        return edit_history.fitting(await self._rendered(edit_history.list_versions(actor=self.actor, **message)))

    @event(ForwardMessageInput, serializers.SentSerializer)
    async def forward_message(self, **message: Any) -> Result:
        return await self._rendered(quotes.forward_message(actor=self.actor, **message))

    @event(serializers.ThreadSyncInput, serializers.ThreadStateSerializer, answer=ThreadChanged.name)
    async def thread_sync(self, **query: Any) -> Result:
        state = await self._rendered(selectors.thread_state(actor=self.actor, **query))
        if "root" in state:
            open_threads().open(self.connection, state["groupId"], state)
        return state

    @event(serializers.TypingInput)
    async def thread_typing(self, **typing: Any) -> None:
        await services.set_typing(actor=self.actor, **typing)

    @event(serializers.MarkReadInput, serializers.ReadSerializer)
    async def thread_read(self, **mark: Any) -> Result:
        return await services.mark_read(actor=self.actor, **mark)

    @event(serializers.MarkUnreadInput, serializers.ReadSerializer)
    async def mark_unread(self, message_id: str) -> Result:
        return await mark_unread(actor=self.actor, message_id=message_id)

    @event(SetFollowingInput, FollowingSerializer)
    async def thread_follow(self, **thread: Any) -> Result:
        return await set_following(actor=self.actor, **thread)

    @event(ReadItemsInput, UnreadSerializer)
    async def inbox_read(self, **items: Any) -> Result:
        return await read_items(actor=self.actor, **items)

    @event(ChangeOwnSettingsInput, OwnGroupSettingsSerializer)
    async def group_settings(self, **changes: Any) -> Result:
        return await change_own_settings(actor=self.actor, **changes)

    @event(WriteSectionsInput, SectionsSerializer)
    async def sections(self, **sections: Any) -> Result:
        return (await write_sections(actor=self.actor, **sections)).as_wire()

    @event(PresenceInput)
    async def presence(self, status: str) -> None:
        await presence_services.set_presence(connection=self.connection, status=status)

    @event(AuthenticateInput, RefreshedSerializer)
    async def authenticate(self, token: str) -> Result:
        """Replace the connection's token with a fresh one of the same user."""
        bucket.draw("authenticate", self.connection.user_id)
        claims = await check_renewal(token=token, user_id=self.connection.user_id)
        seen().note(claims)
        self._state.renew(claims)
        close_at_expiry(self.connection, claims)
        return {"expiresAt": claims.expires_at}

    async def _rendered(self, answering: Awaitable[dict[str, Any]]) -> dict[str, Any]:
        """Return an answer as the client has asked for it: with the HTML of messages, or without."""
        answer = await answering
        if not isinstance(self.connection.encoder, HtmlEncoder):
            return answer
        return selectors.fitting(await with_html(answer, actor=self._state.actor))

    # --- who the client is -------------------------------------------------------------------------------------------
    @property
    def actor(self) -> Actor:
        """The user on whose behalf events are handled; raises `TokenExpired`."""
        # Its timer closes the connection, but an overloaded event loop runs timers late.
        if self._state.claims.expires_at + settings.TOKEN_LEEWAY < time.time():
            raise TokenExpired
        return self._state.actor

    @property
    def _state(self) -> ConnectionState:
        state: ConnectionState = self.connection.state
        return state

    async def _sign_in(self, handshake: Handshake) -> None:
        """Check the token of the handshake's auth, of the Authorization header, or of the session cookie."""
        claims = await check_token_from(token=_token(handshake), address=handshake.address)
        seen().note(claims, address=handshake.address)
        # What is invalid is refused here, before the client is accepted: later, `connect` would be retried.
        wanted = validated(HandshakeInput, handshake.auth) if _WANTED & handshake.auth.keys() else {}
        # Nothing is awaited between this and `connecting.connect`, where the hub adds the connection.
        connecting.require_space(claims.user_id)
        connection = self.connection
        connection.user_id = claims.user_id
        # A retry of `connect` keeps the lock: a task that adds the user to a group may wait for it.
        lock = connection.state.lock if connection.state else asyncio.Lock()
        counts_threads = bool(wanted.get("threads"))
        connection.state = ConnectionState(claims, wanted.get("since"), counts_threads, lock)
        if wanted.get("render"):
            connection.encoder = html_encoder(connection.encoder)
        close_at_expiry(connection, claims)


def _token(handshake: Handshake) -> str:
    token = handshake.auth.get("token")
    if token is None:
        scheme, _, credentials = handshake.headers.get("authorization", "").partition(" ")
        token = credentials.strip() if scheme.lower() == "bearer" else read_session_cookie(handshake.cookies)
    if not isinstance(token, str) or not token:
        raise Unauthenticated
    return token
