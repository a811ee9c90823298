"""When a person follows a thread, as a rule on seqs: whoever applies what has happened in another order, or twice, gets
the same.

What happened by itself is a reason: to write a reply, to be named in the thread, to have opened it. A reason at or
before the last time that the person stopped does not count. So an unfollowing holds until one writes or is named again.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Following:
    """What a person has of a thread; all numbers are seqs of the group's log.

    `since` is the first reason after `until`, where they last stopped: by hand, or by leaving the group. `by_hand` is
    the log's end when they began by hand. `last_reply` and `last_at` are where the thread stands in their list: at that
    reply, by its time. `version` counts the writes of the row; 0: there is none.
    """

    since: int | None = None
    by_hand: int | None = None
    until: int = 0
    last_reply: int = 0
    last_at: str = ""
    version: int = 0

    @property
    def began(self) -> int | None:
        """Return the seq after which replies are news to the person, None if they do not follow the thread."""
        return min((seq for seq in (self.since, self.by_hand) if seq is not None), default=None)

    @property
    def is_listed(self) -> bool:
        """Whether the thread is in the person's list: they follow it, and there are replies."""
        return self.began is not None and self.last_reply > 0

    def with_reason(self, seq: int) -> "Following":
        if seq <= self.until or (self.since is not None and self.since <= seq):
            return self
        return replace(self, since=seq)

    def begun_by_hand(self, head: int) -> "Following":
        """Follow from the log's end on."""
        return self if self.began is not None else replace(self, by_hand=head)

    def ended_by_hand(self, head: int) -> "Following":
        """Stop at the log's end, which no reason that was applied so far can lie after."""
        return replace(self, until=max(self.until, head), since=None, by_hand=None)

    def left(self, seq: int) -> "Following":
        """Stop where the person left the group; what came after that, when they were back, stays."""
        if seq <= self.until:
            return self
        since, by_hand = (None if began is None or began < seq else began for began in (self.since, self.by_hand))
        return replace(self, until=seq, since=since, by_hand=by_hand)

    def at_reply(self, seq: int, at: str) -> "Following":
        """Move the thread in the person's list to a reply, unless it is there or further."""
        return replace(self, last_reply=seq, last_at=at) if seq > self.last_reply else self
