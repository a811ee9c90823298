"""Sending a message or a reply: once per clientId, to an open thread, and with files of its own."""

import hashlib
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from foundation.errors import Gone, Invalid, NotFound
from groups.log import queries
from groups.log.entry import Entry
from groups.log.proposal import Append, LogView, NoOp, Outcome, Proposal, entry_key, file_key, send_key
from groups.log.state import LogState
from groups.policy import POST
from groups.read_marks import own_mark
from messaging import change_events
from messaging.events import Parent
from messaging.models import Message
from messaging.named import named_directly
from messaging.text.mentions import ALL, NOBODY, Mentions

from .attach import find_attached_files, require_unattached
from .change import attach_write, entry_update
from .mention import MentionCheck


def digest_of(content: str, parent_seq: int | None, file_ids: Sequence[str]) -> str:
    """Return a hash that tells a retry of a send from another message under the same clientId."""
    return hashlib.sha256("\0".join([content, str(parent_seq), *file_ids]).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class AlreadySent:
    """The result of a repeated send: `seq` is that of the stored message."""

    seq: int


def _send_outcome(entry: Entry, parent: Parent | None) -> Outcome:
    message = Message.from_entry(entry)
    return Outcome(change_events.sent_change(entry, message, parent), message, own_mark(entry))


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
        mentions: Mentions = NOBODY,
    ) -> None:
        super().__init__(actor_id)
        self._mentions = MentionCheck(mentions)
        self.reads = self._mentions.reads
        self.content, self.client_id, self.after, self.parent_seq = content, client_id, after, parent_seq
        self.attachments = list(attachments)
        self._file_ids = [file["id"] for file in attachments]
        self.digest = digest_of(content, parent_seq, self._file_ids)
        writes = [send_key(actor_id, client_id)] if client_id else []
        writes += [file_key(file_id) for file_id in self._file_ids]
        self.writes = frozenset([*writes, *([entry_key(parent_seq)] if parent_seq else [])])
        self._parent: Entry | None = None
        self._attached: dict[str, int] = {}
        self._earlier: int | None = None

    def load(self, state: LogState) -> Awaitable[None] | None:
        if (
            self.parent_seq
            or self.attachments
            or self._mentions
            or (self.client_id and not state.covers_sends(self.after))
        ):
            return self._load(state)
        return None

    async def _load(self, state: LogState) -> None:
        if self.client_id:
            await state.cover_sends(self.after)
        await self._mentions.load(state)
        if self.parent_seq:
            self._parent = await queries.get_entry(state.group_id, self.parent_seq)
        if self.attachments:
            self._attached = await find_attached_files(state, self._file_ids)
            self._earlier = await self._find_earlier_send(state.group_id)

    async def _find_earlier_send(self, group_id: str) -> int | None:
        """Return the seq of an earlier send with one of the files, even if it is too old for `covers_sends`."""
        seq = next(iter(self._attached.values()), None)
        if seq is None or self.client_id is None:
            return None
        entry = await queries.get_entry(group_id, seq)
        return seq if entry and (entry.user_id, entry.client_id) == (self.actor_id, self.client_id) else None

    def decide(self, view: LogView) -> Append | NoOp:
        role = view.require_role(self.actor_id)
        earlier = self._earlier or (view.seq_of_send(self.actor_id, self.client_id) if self.client_id else None)
        if earlier:
            return NoOp(AlreadySent(earlier))
        view.require_open(self.actor_id)
        view.require_may(POST, self.actor_id)
        parent = self._require_parent()
        require_unattached(self._attached)
        mentions = self._mentions.targets(view)
        self._mentions.require_permitted(view, role, mentions)
        reply_number = parent.reply_count + 1 if parent else None
        entry = self.new_entry(
            view,
            "message",
            is_message=parent is None,
            names_all=parent is None and ALL in mentions,
            counts_for_all=ALL in mentions or None,
            content=self.content,
            client_id=self.client_id,
            digest=self.digest,
            version=1,
            parent_id=parent.id if parent else None,
            reply_number=reply_number,
            reply_alls=(parent.reply_alls + (ALL in mentions) if parent else 0) or None,
            attachments=self.attachments or None,
            mentions=set(mentions) or None,
            named_directly=named_directly(mentions, self._mentions.directly(view)),
        )
        attach_files = tuple(attach_write(view.group_id, file_id, int(entry.seq)) for file_id in self._file_ids)
        size = self._mentions.size_of(mentions)
        if parent is None or reply_number is None:
            return Append(entry, lambda: _send_outcome(entry, None), attach_files, size)
        actions = [Entry.reply_count.add(1), Entry.last_reply.set(int(entry.seq))]
        if ALL in mentions:
            actions.append(Entry.reply_alls.add(1))
        count_reply = entry_update(view.group_id, parent.seq, actions)
        outcome_of = partial(_send_outcome, entry, Parent(parent.id, reply_number))
        return Append(entry, outcome_of, (count_reply, *attach_files), size)

    def _require_parent(self) -> Message | None:
        """Return the message that this reply is to, or None; threads are one level deep.

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
