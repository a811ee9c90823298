"""What proposals share: the writes of rows, and the base of edits, deletions and reactions, which change a message."""

from collections.abc import Sequence

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from foundation.errors import Gone, NotFound
from groups import models
from groups.log import queries
from groups.log.entry import Entry, user_ids_of
from groups.log.proposal import LogView, Proposal, RowWrite, entry_key
from groups.log.state import LogState
from groups.rows import GroupRow
from messaging.models import Message


def entry_update(group_id: str, seq: int, actions: Sequence[Action]) -> RowWrite:
    """Return the write that updates the entry at `seq`."""

    def update(transaction: TransactWrite) -> None:
        transaction.update(Entry(group_id, seq), actions=list(actions))

    return update


def first_named_actions(message: Message) -> list[Action]:
    """Return what the first change of a message's text leaves behind: whom it named until then.

    So what follows the log knows from the message's entry whom it named when it was sent, whenever it looks.
    """
    named = user_ids_of(message.mentions)
    return [Entry.first_named.set(named)] if message.version == 1 and named else []


def former_erasure(group_id: str, edits: Sequence[int]) -> tuple[RowWrite, ...]:
    """Return the writes that erase the former texts that these edits hold."""
    return tuple(entry_update(group_id, seq, [Entry.former.remove()]) for seq in edits)


def attach_write(group_id: str, file_id: str, seq: int) -> RowWrite:
    """Return the write that attaches a file to the message at `seq`, unless it is attached already."""

    def put(transaction: TransactWrite) -> None:
        transaction.save(models.file_row(group_id, file_id, seq), condition=GroupRow.group_id.does_not_exist())

    return put


def pin_write(group_id: str, seq: int, *, adds: bool) -> RowWrite:
    """Return the write that notes that the message at `seq` is pinned, or no longer is."""

    def write(transaction: TransactWrite) -> None:
        row = models.pin_row(group_id, seq)
        if adds:
            transaction.save(row)
        else:
            transaction.delete(row)

    return write


class MessageChangeProposal(Proposal):
    """A change to one message, whose row is read before every attempt."""

    def __init__(self, actor_id: str, seq: int) -> None:
        super().__init__(actor_id)
        self.seq = seq
        self.writes = frozenset([entry_key(seq)])
        self._entry: Entry | None = None

    async def load(self, state: LogState) -> None:
        self._entry = await queries.get_entry(state.group_id, self.seq)

    @property
    def _edits(self) -> list[int]:
        """Return the seqs of the edits that hold a former text of the message."""
        return [int(seq) for seq in (self._entry.edits if self._entry else None) or ()]

    def _require_message(self, view: LogView) -> Message:
        """Return the message, which may be deleted; raises `NotFound`."""
        view.require_role(self.actor_id)
        return self._require_stored()

    def _require_stored(self) -> Message:
        """Return the message, whoever asks; raises `NotFound`."""
        if self._entry is None or self._entry.kind != "message":
            raise NotFound
        return Message.from_entry(self._entry)

    def _require_undeleted(self, view: LogView) -> Message:
        """Return the message; raises `NotFound`, or `Gone` when it is deleted."""
        message = self._require_message(view)
        if message.deleted:
            raise Gone("The message has been deleted.")
        return message
