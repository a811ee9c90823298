"""The form that sends, files and all; refused, it comes back such that sending it again loses and doubles nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from files import selectors as files
from files.file_reference import FileReference
from files.services import IncomingFile, discard_files, store_files
from foundation.errors import ChatError, Gone, IdempotencyConflict, Unauthenticated, Unavailable
from foundation.ids import new_id
from foundation.validation import validated
from messaging import serializers, services
from users.actor import Actor
from web.shell import signed_in

from .views import Asked, Composer, render_chat

logger = logging.getLogger(__name__)

Wire = Mapping[str, Any]
_PIECE_BYTES = 1024 * 1024


@require_POST
@signed_in
async def send(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    sending = _Sending(request, actor, group_id)
    try:
        message = await sending.settle()
    except Unauthenticated:
        raise
    except ChatError as error:
        return await _come_back(request, sending, error)
    if sending.parent_id:
        return HttpResponseRedirect(reverse("chat:thread", args=[group_id, sending.parent_id]))
    # Who answers has read; without a script there is nothing else to tell it. The mark is secondary: the message is
    # stored, and to say that it was not would only make its sender send it twice.
    with suppress(ChatError):
        await services.mark_read(actor=actor, group_id=group_id, seq=message["seq"])
    return HttpResponseRedirect(reverse("chat:group", args=[group_id]))


async def _come_back(request: HttpRequest, sending: "_Sending", error: ChatError) -> HttpResponse:
    parent_id = sending.parent_id
    asked = Asked(
        sending.group_id,
        panel="thread" if parent_id else "",
        message_id=parent_id,
        returned=sending.composer(again=error.retryable),
        problem=error,
    )
    try:
        return await render_chat(request, sending.actor, asked)
    except Unavailable as away:
        # The store that did not take the message does not give the page either: the form comes back by itself.
        return render(request, "503.html", {"problem": away, "stored": sending.stored}, status=away.status)


class _Sending:
    """One POST of a composer: what was typed, the files that came along, and those that an earlier try has stored."""

    def __init__(self, request: HttpRequest, actor: Actor, group_id: str) -> None:
        self.actor, self.group_id = actor, group_id
        self.content, self.parent_id = request.POST.get("content", ""), request.POST.get("parentId", "")
        self.client_id, self.after = request.POST.get("clientId", ""), request.POST.get("after", "")
        self.kept = request.POST.getlist("attachments")
        self.files = [file for file in request.FILES.getlist("file") if isinstance(file, UploadedFile)]
        self.stored: list[str] = []

    async def settle(self) -> Wire:
        """Return the message of this form, stored now or by an earlier POST of it.

        Only files that this POST itself has stored are taken back: those that the form names may be a message's.
        """
        if self.files:
            incoming = [IncomingFile(file.name or "", file.content_type, _pieces(file)) for file in self.files]
            references = await store_files(actor=self.actor, group_id=self.group_id, files=incoming)
            self.stored = [reference.id for reference in references]
        try:
            message = await self._send()
        except ChatError as error:
            # After a silence of the store the message may stand, and these are its files: they come back by id.
            if not error.retryable:
                await _take_back(self.stored)
                self.stored = []
            raise
        used = {file["id"] for file in message.get("attachments", ())}
        await _take_back([file_id for file_id in self.stored if file_id not in used])
        return message

    async def _send(self) -> Wire:
        given = {"parentId": self.parent_id, "clientId": self.client_id, "after": self.after}
        given = {name: value for name, value in given.items() if value}
        message = {"groupId": self.group_id, "content": self.content, "attachments": self._file_ids, **given}
        try:
            sent = await services.send_message(actor=self.actor, **validated(serializers.SendMessageInput, message))
        except IdempotencyConflict as conflict:
            if conflict.earlier and await self._says_the_same_as(conflict.earlier):
                return conflict.earlier
            raise
        stored: Wire = sent["message"]
        if stored.get("deleted"):
            # Nothing is left to compare with: what was typed now may be something else, and must not get lost.
            raise Gone("What you sent from here before has been deleted. To say this all the same, send it again.")
        return stored

    async def _says_the_same_as(self, earlier: Wire) -> bool:
        """Say whether this is the form that came before: each POST stores its files anew, under other ids.

        A text or a file that the earlier message does not have must not be dropped.
        """
        if (earlier["content"], earlier.get("parentId", "")) != (self.content, self.parent_id):
            return False
        mine = await files.require_files(group_id=self.group_id, file_ids=self._file_ids, user_id=self.actor.user_id)
        theirs = [FileReference.from_wire(file) for file in earlier.get("attachments", ())]
        return [_likeness(file) for file in mine] == [_likeness(file) for file in theirs]

    @property
    def _file_ids(self) -> list[str]:
        return [*self.kept, *self.stored]

    def composer(self, *, again: bool) -> Composer:
        """Return the box that comes back: sent `again` it is the same message, else it is to be another."""
        if not again:
            return Composer(self.parent_id, self.content, lost_files=bool(self.files or self.kept))
        return Composer(
            self.parent_id,
            self.content,
            client_id=self.client_id or new_id("page"),
            after=self.after,
            attachments=tuple(self._file_ids),
            lost_files=bool(self.files) and not self.stored,
        )


def _likeness(file: FileReference) -> tuple[str, int, str]:
    return file.name, file.size, file.sha256


async def _take_back(file_ids: Sequence[str]) -> None:
    """Delete files that came for nothing, if that is possible: what the sender is told is about the message."""
    try:
        await discard_files(file_ids=file_ids)
    except Unavailable:
        logger.warning("These files of a form belong to no message, and stay: %s", ", ".join(file_ids))


async def _pieces(file: "UploadedFile[Any]") -> AsyncIterator[bytes]:
    """Read the temporary file on threads: a disk that takes its time must not stop the sockets."""
    await asyncio.to_thread(file.seek, 0)
    while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
        yield piece
