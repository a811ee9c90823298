"""What is unread in all the threads that somebody follows."""

from typing import NamedTuple


class ThreadCounts(NamedTuple):
    """How many threads have unread replies, how many of these name the user, and how many everybody."""

    threads: int = 0
    mentions: int = 0
    alls: int = 0

    def as_wire(self) -> dict[str, int]:
        return {"unreadThreads": self.threads, "unreadMentions": self.mentions, "unreadAlls": self.alls}
