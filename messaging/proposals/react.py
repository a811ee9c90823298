"""Reacting to a message: how many reactions it may have."""

from dataclasses import replace

from django.conf import settings

from foundation.errors import Invalid
from groups.log.entry import Entry
from groups.log.proposal import Append, LogView, NoOp, Outcome
from messaging import change_events
from messaging.models import Message, reaction_element
from messaging.reactions import distinct_emojis, ordered_emojis

from .change import MessageChangeProposal, entry_update

MAX_REACTIONS = 5000


class ReactProposal(MessageChangeProposal):
    """Add or remove one's own reaction: a set operation, so that concurrent reactions are all kept."""

    def __init__(self, actor_id: str, seq: int, *, emoji: str, action: str) -> None:
        super().__init__(actor_id, seq)
        self.emoji, self.action = emoji, action

    def decide(self, view: LogView) -> Append | NoOp:
        message = self._require_undeleted(view)
        element = reaction_element(self.emoji, self.actor_id)
        adds = self.action == "add"
        if adds == (element in message.reactions):
            return NoOp(message)
        if adds:
            view.require_open(self.actor_id)
            self._check_reaction_limits(message)
        reactions = message.reactions | {element} if adds else message.reactions - {element}
        order = ordered_emojis(reactions, [*ordered_emojis(message.reactions, message.emoji_order), self.emoji])
        reacted = replace(message, reactions=reactions, emoji_order=tuple(order))
        action = Entry.reactions.add({element}) if adds else Entry.reactions.delete({element})
        entry = self.new_entry(view, "reaction", target_seq=self.seq, emoji=self.emoji, action=self.action)
        kept = Entry.emoji_order.set(" ".join(order)) if order else Entry.emoji_order.remove()
        write = entry_update(view.group_id, self.seq, [action, kept])
        return Append(entry, lambda: Outcome(change_events.reaction_change(entry, reacted), reacted), (write,))

    def _check_reaction_limits(self, message: Message) -> None:
        emojis = distinct_emojis(message.reactions)
        if self.emoji not in emojis and len(emojis) >= settings.MAX_EMOJI_PER_MESSAGE:
            raise Invalid(f"A message takes {settings.MAX_EMOJI_PER_MESSAGE} different emoji at most.")
        if len(message.reactions) >= MAX_REACTIONS:
            raise Invalid(f"A message takes {MAX_REACTIONS} reactions at most.")
