"""The rules for messages, as proposals to their group's log: who may, the entry, and the rows that change with it."""

import hashlib
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from foundation.errors import Forbidden, Gone, Invalid, NotFound, VersionConflict
from foundation.ids import message_id
from groups.log import queries
from groups.log.entry import Entry
from groups.log.proposal import Append, LogView, NoOp, Outcome, Proposal, RowWrite, row_key, send_key
from groups.log.state import LogState
from groups.models import ADMIN, OWNER

from . import change_events
from .events import Parent
from .models import Message, distinct_emojis, reaction_element

MAX_REACTIONS = 5000


def digest_of(content: str, parent_seq: int | None, file_ids: Sequence[str]) -> str:
    """Return a hash that tells a retry of a send from another message under the same clientId."""
    return hashlib.sha256("\0".join([content, str(parent_seq), *file_ids]).encode()).hexdigest()[:32]


def _entry_update(group_id: str, seq: int, actions: Sequence[Action]) -> RowWrite:
    def update(transaction: TransactWrite) -> None:
        transaction.update(Entry(group_id, seq), actions=list(actions))

    return update


@dataclass(frozen=True, slots=True)
class AlreadySent:
    """The result of a repeated send: `seq` is that of the stored message."""

    seq: int


def _send_outcome(entry: Entry, parent: Parent | None) -> Outcome:
    message = Message.from_entry(entry)
    return Outcome(change_events.sent_change(entry, message, parent), message)


class SendMessageProposal(Proposal):
    """Append a message, or a reply to a top-level one; the result is the `Message`, or `AlreadySent`."""

    def __init__(
        self,
        actor_id: str,
        *,
        content: str,
        client_id: str | None,
        after: int | None,
        parent_seq: int | None,
        attachments: Sequence[dict[str, Any]],
    ) -> None:
        super().__init__(actor_id)
        self.content, self.client_id, self.after, self.parent_seq = content, client_id, after, parent_seq
        self.attachments = list(attachments)
        self.digest = digest_of(content, parent_seq, [file["id"] for file in attachments])
        writes = [send_key(actor_id, client_id)] if client_id else []
        self.writes = frozenset([*writes, *([row_key(parent_seq)] if parent_seq else [])])
        self._parent: Entry | None = None

    def load(self, state: LogState) -> Awaitable[None] | None:
        if self.parent_seq or (self.client_id and not state.covers_sends(self.after)):
            return self._load(state)
        return None

    async def _load(self, state: LogState) -> None:
        if self.client_id:
            await state.cover_sends(self.after)
        if self.parent_seq:
            self._parent = await queries.get_entry(state.group_id, self.parent_seq)

    def decide(self, view: LogView) -> Append | NoOp:
        view.require_role(self.actor_id)
        earlier = view.seq_of_send(self.actor_id, self.client_id) if self.client_id else None
        if earlier:
            return NoOp(AlreadySent(earlier))
        parent = self._require_parent()
        reply_number = parent.reply_count + 1 if parent else None
        entry = self.new_entry(
            view,
            "message",
            is_message=parent is None,
            content=self.content,
            client_id=self.client_id,
            digest=self.digest,
            version=1,
            parent_id=parent.id if parent else None,
            reply_number=reply_number,
            attachments=self.attachments or None,
        )
        if parent is None or reply_number is None:
            return Append(entry, lambda: _send_outcome(entry, None))
        count_reply = _entry_update(view.group_id, parent.seq, [Entry.reply_count.add(1)])
        return Append(entry, lambda: _send_outcome(entry, Parent(parent.id, reply_number)), (count_reply,))

    def _require_parent(self) -> Message | None:
        """Return the message that this one answers, or None; threads are one level deep.

        Raises `NotFound`, `Gone` when it is deleted, `Invalid` when it is a reply itself.
        """
        if not self.parent_seq:
            return None
        if self._parent is None or self._parent.kind != "message":
            raise NotFound("There is no message to reply to.")
        if self._parent.deleted:
            raise Gone("The message to reply to has been deleted.")
        if self._parent.parent_id:
            raise Invalid("A reply has no thread of its own: reply to the message that opened the thread.")
        return Message.from_entry(self._parent)


class _MessageChangeProposal(Proposal):
    """A change to one message, whose row is read before every attempt."""

    def __init__(self, actor_id: str, seq: int) -> None:
        super().__init__(actor_id)
        self.seq = seq
        self.writes = frozenset([row_key(seq)])
        self._row: Entry | None = None

    async def load(self, state: LogState) -> None:
        self._row = await queries.get_entry(state.group_id, self.seq)

    def _find_message(self, view: LogView) -> Message:
        view.require_role(self.actor_id)
        if self._row is None or self._row.kind != "message":
            raise NotFound
        return Message.from_entry(self._row)

    def _require_message(self, view: LogView) -> Message:
        """Return the message; raises `NotFound`, or `Gone` when it is deleted."""
        message = self._find_message(view)
        if message.deleted:
            raise Gone("The message has been deleted.")
        return message


class EditMessageProposal(_MessageChangeProposal):
    """Change the content of a message; its author may. The result is the edited `Message`."""

    def __init__(self, actor_id: str, seq: int, *, content: str, if_version: int | None) -> None:
        super().__init__(actor_id, seq)
        self.content, self.if_version = content, if_version

    def decide(self, view: LogView) -> Append | NoOp:
        message = self._require_message(view)
        if message.user_id != self.actor_id:
            raise Forbidden("Only its author may edit a message.")
        if self.if_version is not None and self.if_version != message.version:
            raise VersionConflict
        if self.content == message.content:
            return NoOp(message)
        edited = replace(message, content=self.content, version=message.version + 1, updated_at=self.created_at)
        actions: list[Action] = [
            Entry.content.set(edited.content),
            Entry.version.set(edited.version),
            Entry.updated_at.set(self.created_at),
        ]
        entry = self.new_entry(view, "edit", target_seq=self.seq)
        return Append(
            entry,
            lambda: Outcome(change_events.edited_change(entry, edited), edited),
            (_entry_update(view.group_id, self.seq, actions),),
        )


@dataclass(frozen=True, slots=True)
class Deletion:
    """The result of a deletion: the message's id, the seq of the deletion, and the ids of the files to delete too."""

    message_id: str
    seq: int
    file_ids: tuple[str, ...] = ()


def _file_ids(deletion: Entry | None) -> tuple[str, ...]:
    attachments = (deletion.attachments if deletion else None) or ()
    return tuple(file["id"] for file in attachments)


class DeleteMessageProposal(_MessageChangeProposal):
    """Delete a message's content, files and reactions for good; its author and the group's owner and admins may.

    The entry of the deletion names the files, so that a second attempt after a failure deletes them too.
    """

    _deletion: Entry | None = None

    async def load(self, state: LogState) -> None:
        await super().load(state)
        if self._row and self._row.deleted_seq:
            self._deletion = await queries.get_entry(state.group_id, int(self._row.deleted_seq))

    def decide(self, view: LogView) -> Append | NoOp:
        message = self._find_message(view)
        if message.user_id != self.actor_id and view.require_role(self.actor_id) not in (OWNER, ADMIN):
            raise Forbidden("Only its author, an owner or an admin may delete a message.")
        if message.deleted and self._row:
            return NoOp(Deletion(message.id, int(self._row.deleted_seq or 0), _file_ids(self._deletion)))
        tombstone = replace(
            message,
            content="",
            attachments=(),
            reactions=frozenset(),
            deleted=True,
            version=message.version + 1,
            updated_at=self.created_at,
        )
        files = [{"id": file["id"]} for file in message.attachments]
        entry = self.new_entry(view, "delete", target_seq=self.seq, attachments=files or None)
        actions: list[Action] = [
            Entry.deleted.set(True),
            Entry.deleted_seq.set(int(entry.seq)),
            Entry.version.set(tombstone.version),
            Entry.updated_at.set(self.created_at),
            *(field.remove() for field in (Entry.content, Entry.attachments, Entry.reactions, Entry.digest)),
        ]
        result = Deletion(message_id(view.group_id, self.seq), int(entry.seq), _file_ids(entry))
        write = _entry_update(view.group_id, self.seq, actions)
        return Append(entry, lambda: Outcome(change_events.deleted_change(entry, tombstone), result), (write,))


class ReactProposal(_MessageChangeProposal):
    """Add or remove one's own reaction: a set operation, so that concurrent reactions are all kept."""

    def __init__(self, actor_id: str, seq: int, *, emoji: str, action: str) -> None:
        super().__init__(actor_id, seq)
        self.emoji, self.action = emoji, action

    def decide(self, view: LogView) -> Append | NoOp:
        message = self._require_message(view)
        element = reaction_element(self.emoji, self.actor_id)
        adds = self.action == "add"
        if adds == (element in message.reactions):
            return NoOp(message)
        if adds:
            self._check_reaction_limits(message)
        reactions = message.reactions | {element} if adds else message.reactions - {element}
        reacted = replace(message, reactions=reactions)
        action = Entry.reactions.add({element}) if adds else Entry.reactions.delete({element})
        entry = self.new_entry(view, "reaction", target_seq=self.seq, emoji=self.emoji, action=self.action)
        write = _entry_update(view.group_id, self.seq, [action])
        return Append(entry, lambda: Outcome(change_events.reaction_change(entry, reacted), reacted), (write,))

    def _check_reaction_limits(self, message: Message) -> None:
        emojis = distinct_emojis(message.reactions)
        if self.emoji not in emojis and len(emojis) >= settings.MAX_EMOJI_PER_MESSAGE:
            raise Invalid(f"A message takes {settings.MAX_EMOJI_PER_MESSAGE} different emoji at most.")
        if len(message.reactions) >= MAX_REACTIONS:
            raise Invalid(f"A message takes {MAX_REACTIONS} reactions at most.")
