"""Editing a message: only its author may, optionally only a certain version."""

from dataclasses import replace

from pynamodb.expressions.update import Action

from foundation.errors import Forbidden, VersionConflict
from groups.log.entry import Entry
from groups.log.proposal import Append, LogView, NoOp, Outcome
from messaging import change_events

from .change import MessageChangeProposal, entry_update


class EditMessageProposal(MessageChangeProposal):
    """Change the content of a message, if it still has `if_version`; the result is the edited `Message`."""

    def __init__(self, actor_id: str, seq: int, *, content: str, if_version: int | None) -> None:
        super().__init__(actor_id, seq)
        self.content, self.if_version = content, if_version

    def decide(self, view: LogView) -> Append | NoOp:
        message = self._require_undeleted(view)
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
            (entry_update(view.group_id, self.seq, actions),),
        )
