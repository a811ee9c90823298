"""Editing a message: only its author may, optionally only a certain version; the edit's entry keeps the former text."""

from dataclasses import replace

from django.conf import settings
from pynamodb.attributes import UnicodeSetAttribute
from pynamodb.expressions.update import Action

from foundation.errors import Forbidden, VersionConflict
from groups.log.entry import Entry, user_ids_of
from groups.log.proposal import Append, LogView, NoOp, Outcome, RowWrite
from groups.log.state import LogState
from groups.policy import POST
from messaging import change_events
from messaging.models import Message
from messaging.named import named_directly
from messaging.text.mentions import NOBODY, Mentions

from .change import MessageChangeProposal, entry_update, first_named_actions, former_erasure
from .mention import MentionCheck

# Of so many edits of a message the former text is kept: a deletion erases all of it in one transaction of 100 rows.
MAX_FORMER = 50


class EditMessageProposal(MessageChangeProposal):
    """Change the content of a message, if it still has `if_version`; the result is the edited `Message`."""

    def __init__(
        self, actor_id: str, seq: int, *, content: str, if_version: int | None, mentions: Mentions = NOBODY
    ) -> None:
        super().__init__(actor_id, seq)
        self.content, self.if_version = content, if_version
        self._mentions = MentionCheck(mentions)
        self.reads = self._mentions.reads

    async def load(self, state: LogState) -> None:
        await super().load(state)
        await self._mentions.load(state)

    def decide(self, view: LogView) -> Append | NoOp:
        message = self._require_undeleted(view)
        if message.user_id != self.actor_id:
            raise Forbidden("Only its author may edit a message.")
        view.require_open(self.actor_id)
        # Else it would be a way to say something.
        role = view.require_may(POST, self.actor_id)
        if self.if_version is not None and self.if_version != message.version:
            raise VersionConflict
        if self.content == message.content:
            return NoOp(message)
        mentions = self._mentions.targets(view)
        new_mentions = mentions - message.mentions
        unnamed = user_ids_of(message.mentions - mentions)
        self._mentions.require_permitted(view, role, new_mentions)
        edited = replace(
            message,
            content=self.content,
            version=message.version + 1,
            updated_at=self.created_at,
            mentions=mentions,
            named_directly=frozenset(named_directly(mentions, self._mentions.directly(view)) or ()),
            named_later=self._named_later(message, user_ids_of(mentions), user_ids_of(new_mentions)),
        )
        former = message.content if settings.EDIT_HISTORY != "nobody" else ""
        entry = self.new_entry(
            view,
            "edit",
            target_seq=self.seq,
            former=former or None,
            mentions=set(new_mentions) or None,
            unnamed=unnamed or None,
        )
        return Append(
            entry,
            lambda: Outcome(change_events.edited_change(entry, edited), edited),
            self._writes(view.group_id, message, edited, int(entry.seq)),
            # The ids are in the message, and some in the edit's entry, in `firstNamed` and `namedLater`.
            extra_characters=len(message.content) + len(self.content) + 4 * self._mentions.size_of(mentions),
        )

    def _named_later(self, message: Message, named: set[str], anew: set[str]) -> dict[str, list[str]]:
        """Return who of those whom the message names now was named by which edit."""
        former = {moment: [id_ for id_ in ids if id_ in named] for moment, ids in message.named_later.items()}
        return {moment: ids for moment, ids in {**former, self.created_at: sorted(anew)}.items() if ids}

    def _writes(self, group_id: str, message: Message, edited: Message, edit_seq: int) -> tuple[RowWrite, ...]:
        """Return the writes of the message's new state, and that erase what is more than is kept of former ones."""
        # Without a hole: what an edit that keeps nothing would leave behind is erased.
        kept = [] if settings.EDIT_HISTORY == "nobody" else [*self._edits, edit_seq][-MAX_FORMER:]
        actions: list[Action] = [
            Entry.content.set(edited.content),
            Entry.version.set(edited.version),
            Entry.updated_at.set(self.created_at),
            Entry.edits.set(kept),
            _set_or_remove(Entry.mentions, edited.mentions),
            _set_or_remove(Entry.named_directly, edited.named_directly),
            Entry.named_later.set(edited.named_later) if edited.named_later else Entry.named_later.remove(),
            *first_named_actions(message),
        ]
        erasures = former_erasure(group_id, [seq for seq in self._edits if seq not in kept])
        return entry_update(group_id, self.seq, actions), *erasures


def _set_or_remove(attribute: UnicodeSetAttribute, ids: frozenset[str]) -> Action:
    return attribute.set(set(ids)) if ids else attribute.remove()
