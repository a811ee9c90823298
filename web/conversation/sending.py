"""The form that sends a message with its files. After an error it is shown again; a retry is stored once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from files import selectors as files
from files.file_reference import FileReference
from files.services import IncomingFile, discard_files, store_files
from foundation.answering import from_now, in_time
from foundation.errors import AppError, Gone, IdempotencyConflict, Unauthenticated, Unavailable
from foundation.ids import new_id
from foundation.uploaded_files import declared_type
from foundation.validation import validated
from messaging import serializers, services
from messaging.quotes.services import send_also_to_group
from users.actor import Actor
from web.forms import redirect_to, typed_text
from web.page import PageRequest, render_page
from web.shell import signed_in, with_headers_of
from web.threads.content import thread_panel_of

from .composer import Composer
from .running import Outcome, UnknownCommand, run

logger = logging.getLogger(__name__)

Wire = Mapping[str, Any]
# What is said when a reply is stored, and the group is not told of it.
NOT_IN_GROUP = _("Your reply is in the thread. It did not get into the conversation itself.")
_CHUNK_BYTES = 1024 * 1024


@require_POST
@signed_in
async def send(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    submission = _Submission(request, actor, group_id)
    try:
        outcome = await submission.run_command()
        if outcome.say is None:
            return _show_outcome(submission, outcome)
        message = await submission.store(outcome.say)
        await submission.tell_group(message)
    except Unauthenticated:
        raise
    except AppError as error:
        return await _show_form_again(request, submission, error)
    if submission.parent_id:
        return redirect_to("thread", group_id, submission.parent_id)
    # Sending counts as reading: without a script nothing else moves the read mark. The message is stored by now, so an
    # error of the read mark is ignored: it would only make the author send the message again.
    with suppress(AppError):
        await in_time(services.mark_read(actor=actor, group_id=group_id, seq=message["seq"]))
    return redirect_to("group", group_id)


def _show_outcome(submission: "_Submission", outcome: Outcome) -> HttpResponse:
    """Go to the page that shows what a command has done."""
    if outcome.page != "group":
        return redirect_to(outcome.page)
    if submission.parent_id:
        return redirect_to("thread", submission.group_id, submission.parent_id)
    return redirect_to("group", submission.group_id)


async def _show_form_again(request: HttpRequest, submission: "_Submission", error: AppError) -> HttpResponse:
    page_request = PageRequest(
        submission.group_id,
        panel=thread_panel_of(submission.parent_id),
        composer=submission.composer(retry=error.retryable, as_text=isinstance(error, UnknownCommand)),
        problem=error,
        advice=str(NOT_IN_GROUP) if submission.is_stored and not error.retryable else "",
    )
    try:
        return await in_time(render_page(request, submission.actor, page_request), from_now())
    except Unavailable as unavailable:
        # The chat page needs the store too, so the error page has the form.
        context = {"problem": unavailable, "uploaded": submission.uploaded}
        return with_headers_of(unavailable, render(request, "503.html", context, status=unavailable.status))


class _Submission:
    """One POST of a composer: the text, the files that came with it, and the ids of files from an earlier try."""

    def __init__(self, request: HttpRequest, actor: Actor, group_id: str) -> None:
        self.actor, self.group_id = actor, group_id
        self.content, self.parent_id = typed_text(request, "content"), request.POST.get("parentId", "")
        self.client_id, self.after = request.POST.get("clientId", ""), request.POST.get("after", "")
        self.uploaded_before = request.POST.getlist("attachments")
        self.files = [file for file in request.FILES.getlist("file") if isinstance(file, UploadedFile)]
        self.uploaded: list[str] = []
        # What is said: a command may stand for it.
        self.said = self.content
        self.also_to_group = bool(self.parent_id) and "alsoToGroup" in request.POST
        # Whether the reply is stored, whatever becomes of what tells the group of it.
        self.is_stored = False

    async def run_command(self) -> Outcome:
        """Carry out the command that the text is, or return what it says."""
        has_files = bool(self.files or self.uploaded_before)
        return await run(
            actor=self.actor,
            group_id=self.group_id,
            content=self.content,
            has_files=has_files,
            client_id=self.client_id,
        )

    async def store(self, said: str) -> Wire:
        """Return the message of this form, which says this, stored now or by an earlier POST of it.

        Files that no message uses are deleted, but only those of this POST: a file that the form names by its id may
        belong to a message.
        """
        self.said = said
        if self.files:
            incoming = [IncomingFile(file.name or "", declared_type(file), _chunks(file)) for file in self.files]
            references = await store_files(actor=self.actor, group_id=self.group_id, files=incoming)
            self.uploaded = [reference.id for reference in references]
        try:
            message = await self._send()
        except AppError as error:
            # After a retryable error the message may be stored with these files: the form names them in the retry.
            if not error.retryable:
                await _discard(self.uploaded)
                self.uploaded = []
            raise
        used = {file["id"] for file in message.get("attachments", ())}
        await _discard([file_id for file_id in self.uploaded if file_id not in used])
        return message

    async def tell_group(self, reply: Wire) -> None:
        """Say a reply in the group too, if its author wants that: once, like the reply."""
        self.is_stored = True
        if self.also_to_group:
            after = int(self.after) if self.after else None
            await send_also_to_group(actor=self.actor, reply=reply, client_id=self.client_id or None, after=after)

    async def _send(self) -> Wire:
        optional = {"parentId": self.parent_id, "clientId": self.client_id, "after": self.after}
        filled = {name: value for name, value in optional.items() if value}
        message = {"groupId": self.group_id, "content": self.said, "attachments": self._file_ids, **filled}
        try:
            sent = await services.send_message(actor=self.actor, **validated(serializers.SendMessageInput, message))
        except IdempotencyConflict as conflict:
            if conflict.earlier and await self._equals(conflict.earlier):
                return conflict.earlier
            raise
        stored: Wire = sent["message"]
        if stored.get("deleted"):
            # A deleted message has no content to compare with, and this form may say something else.
            raise Gone("What you sent from here before has been deleted. To say this all the same, send it again.")
        return stored

    async def _equals(self, earlier: Wire) -> bool:
        """Return whether the earlier message has this form's content, parent and files.

        Each POST stores its files anew under new ids, so files are compared by name, size and SHA-256.
        """
        if (earlier["content"], earlier.get("parentId", "")) != (self.said, self.parent_id):
            return False
        own = await files.require_files(group_id=self.group_id, file_ids=self._file_ids, user_id=self.actor.user_id)
        attached = [FileReference.from_wire(file) for file in earlier.get("attachments", ())]
        return [_fingerprint(file) for file in own] == [_fingerprint(file) for file in attached]

    @property
    def _file_ids(self) -> list[str]:
        return [*self.uploaded_before, *self.uploaded]

    def composer(self, *, retry: bool, as_text: bool = False) -> Composer:
        """Return the composer with what was typed: a `retry` sends the same message, otherwise it is a new one.

        `as_text`: what looks like a command, such that it is sent as text.
        """
        if self.is_stored and not retry:
            return Composer(self.parent_id)
        if not retry:
            return Composer(
                self.parent_id,
                "/" * as_text + self.content,
                also_to_group=self.also_to_group,
                files_lost=bool(self.files or self.uploaded_before),
            )
        return Composer(
            self.parent_id,
            self.content,
            client_id=self.client_id or new_id("page"),
            after=self.after,
            also_to_group=self.also_to_group,
            attachments=tuple(self._file_ids),
            files_lost=bool(self.files) and not self.uploaded,
        )


def _fingerprint(file: FileReference) -> tuple[str, int, str]:
    return file.name, file.size, file.sha256


async def _discard(file_ids: Sequence[str]) -> None:
    """Delete files that no message uses. A failure is only logged: the response must be about the message."""
    try:
        await discard_files(file_ids=file_ids)
    except Unavailable:
        logger.warning("Files of a failed form could not be deleted: %s", ", ".join(file_ids))


async def _chunks(file: "UploadedFile[Any]") -> AsyncIterator[bytes]:
    """Read the temporary file on threads: a slow disk must not block the event loop."""
    await asyncio.to_thread(file.seek, 0)
    while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
        yield chunk
