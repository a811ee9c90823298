"""The follower that keeps the index: what a message says now, whichever of its changes comes first or twice."""

from collections.abc import Iterable, Sequence

from foundation.ids import parse_message_id
from foundation.slices import in_slices
from groups import selectors as groups
from groups.followers.follower import Follower
from groups.log import queries
from groups.log.entry import Entry
from messaging.models import Message

from . import blocks, index
from .documents import Document, document_of
from .sealing import sealer

_CHANGES = ("edit", "delete", "reaction", "pin")


class SearchIndex(Follower):
    """Begins at the first entry: what was said before there was this follower is found too."""

    name = "search"

    async def handle(self, group_id: str, entries: Sequence[Entry], *, notify: bool) -> None:
        documents = await _documents(group_id, entries)
        if not documents:
            return
        await index.write(documents)
        await _mark_left_blocks([one["_id"] for one in documents])
        # Of two processes one may be late: what it writes after a deletion must not stay. The group's row goes before
        # its documents are forgotten: where it is still there, they will be.
        if await groups.find_group(group_id=group_id) is None:
            await self.forget(group_id)
        await sealer().note_written(len(documents))

    async def forget(self, group_id: str) -> None:
        await index.forget(group_id)
        # Afterwards: one that was sealed meanwhile is there by now, or finds that its messages are gone.
        await blocks.mark_group_changed(group_id)


async def _mark_left_blocks(ids: Sequence[str]) -> None:
    """Have the blocks replaced that written messages were in; who dies here does it when the entries come again."""
    if left := await index.list_left_blocks(ids):
        await blocks.mark_changed(left)
        await index.clear_left_blocks(ids, left)


async def _documents(group_id: str, entries: Iterable[Entry]) -> list[Document]:
    """Return the documents of the messages that entries are or change, each with the last of these changes."""
    states = {int(entry.seq): entry for entry in entries if entry.kind == "message"}
    changes = {seq: seq for seq in states}
    later = {target: int(entry.seq) for entry in entries if (target := _changed_by(entry))}
    # A change may have been written between the reads of its message and of its entry.
    found = await queries.get_entries((group_id, seq) for seq in later)
    states |= {seq: entry for (_, seq), entry in found.items() if entry.kind == "message"}
    changes |= later
    return [
        document_of(Message.from_entry(entry), changes[seq]) async for seq, entry in in_slices(sorted(states.items()))
    ]


def _changed_by(entry: Entry) -> int | None:
    """Return the seq of another message that an entry changes: its target, or the one whose thread it opens."""
    if entry.kind in _CHANGES:
        return int(entry.target_seq) if entry.target_seq else None
    # The first reply opens it; a reply of a former version has no number.
    if entry.kind == "message" and entry.parent_id and int(entry.reply_number or 1) == 1:
        key = parse_message_id(entry.parent_id)
        return key[1] if key else None
    return None
