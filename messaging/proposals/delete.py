"""Deleting a message: its author and managers of the group may; the entry stays as a tombstone."""

from dataclasses import dataclass, replace

from pynamodb.expressions.update import Action

from foundation.errors import Forbidden
from foundation.ids import message_id
from groups.access import is_manager
from groups.log import queries
from groups.log.entry import Entry, user_ids_of
from groups.log.proposal import Append, LogView, NoOp, Outcome
from groups.log.state import LogState
from groups.models import find_group
from messaging import change_events
from messaging.models import Message

from .change import MessageChangeProposal, entry_update, first_named_actions, former_erasure, pin_write

_ERASED = (
    *(Entry.content, Entry.attachments, Entry.reactions, Entry.digest, Entry.mentions, Entry.edits),
    *(Entry.emoji_order, Entry.pinned, Entry.named_directly, Entry.named_later),
)


@dataclass(frozen=True, slots=True)
class Deletion:
    """The result of a deletion: the message's id, the seq of the deletion, and the ids of the files to delete too.

    `author_id` is whose message it was, None if it was deleted before.
    """

    message_id: str
    seq: int
    file_ids: tuple[str, ...] = ()
    author_id: str | None = None


def _file_ids(deletion: Entry | None) -> tuple[str, ...]:
    attachments = (deletion.attachments if deletion else None) or ()
    return tuple(file["id"] for file in attachments)


class DeleteMessageProposal(MessageChangeProposal):
    """Delete all that a message says and said for good; its author and the group's owner and admins may.

    The entry of the deletion names the files, so that a second attempt after a failure deletes them too.
    """

    _deletion: Entry | None = None

    async def load(self, state: LogState) -> None:
        await super().load(state)
        if self._entry and self._entry.deleted_seq:
            self._deletion = await queries.get_entry(state.group_id, int(self._entry.deleted_seq))

    def _require_deletable(self, view: LogView) -> Message:
        """Return the message; raises `NotFound`, or `Forbidden` unless the actor may delete it."""
        message = self._require_message(view)
        if message.user_id != self.actor_id and not is_manager(view.require_role(self.actor_id)):
            raise Forbidden("Only its author, an owner or an admin may delete a message.")
        return message

    def decide(self, view: LogView) -> Append | NoOp:
        message = self._require_deletable(view)
        if message.deleted and self._entry:
            return NoOp(Deletion(message.id, int(self._entry.deleted_seq or 0), _file_ids(self._deletion)))
        tombstone = replace(
            message,
            content="",
            attachments=(),
            reactions=frozenset(),
            emoji_order=(),
            mentions=frozenset(),
            named_directly=frozenset(),
            named_later={},
            pinned=None,
            deleted=True,
            version=message.version + 1,
            updated_at=self.created_at,
        )
        files = [{"id": file["id"]} for file in message.attachments]
        unnamed = user_ids_of(message.mentions)
        entry = self.new_entry(view, "delete", target_seq=self.seq, attachments=files or None, unnamed=unnamed or None)
        actions: list[Action] = [
            Entry.deleted.set(True),
            Entry.deleted_seq.set(int(entry.seq)),
            Entry.version.set(tombstone.version),
            Entry.updated_at.set(self.created_at),
            *(field.remove() for field in _ERASED),
            *first_named_actions(message),
        ]
        result = Deletion(message_id(view.group_id, self.seq), int(entry.seq), _file_ids(entry), message.user_id)
        unpin = (pin_write(view.group_id, self.seq, adds=False),) if message.pinned else ()
        writes = entry_update(view.group_id, self.seq, actions), *former_erasure(view.group_id, self._edits), *unpin
        return Append(entry, lambda: Outcome(change_events.deleted_change(entry, tombstone), result), writes)


class DeleteReportedProposal(DeleteMessageProposal):
    """Delete a message that was reported, for an administrator of the workspace, who need not be a member."""

    by_outsiders = True
    in_archived = True

    async def load(self, state: LogState) -> None:
        await super().load(state)
        # Of a group that is being erased, nothing must be written.
        if await find_group(state.group_id) is None:
            self._entry = None

    def _require_deletable(self, view: LogView) -> Message:
        return self._require_stored()
