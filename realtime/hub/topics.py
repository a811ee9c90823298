"""The topics that a link is to be subscribed to, and which of them it is subscribed to already."""

import asyncio
from itertools import islice


class Topics:
    """What a hub wants at once; the link follows, when its layer allows it."""

    def __init__(self) -> None:
        self._wanted: set[str] = set()
        self._joined: set[str] = set()
        # Those whose groups are to be joined or left; a dict as an ordered set.
        self._changed: dict[str, None] = {}
        self._waiters: dict[str, asyncio.Future[None]] = {}

    def __contains__(self, topic: str) -> bool:
        return topic in self._wanted

    @property
    def has_changed(self) -> bool:
        return bool(self._changed)

    def add(self, topic: str) -> None:
        self._wanted.add(topic)
        self._changed[topic] = None

    def discard(self, topic: str) -> None:
        self._wanted.discard(topic)
        self._joined.discard(topic)
        self._changed[topic] = None

    def is_joined(self, topic: str) -> bool:
        return topic in self._joined

    async def wait_joined(self, topic: str, timeout: float) -> None:
        """Wait until the topic is joined, or there is nothing to wait for any more, or for `timeout` seconds."""
        waiter = self._waiters.setdefault(topic, asyncio.get_running_loop().create_future())
        await asyncio.wait([waiter], timeout=timeout)

    def pop_changed(self, limit: int) -> tuple[list[str], list[str]]:
        """Return at most `limit` topics that changed: those to join, and those to leave."""
        batch = list(islice(self._changed, limit))
        for topic in batch:
            del self._changed[topic]
        return [topic for topic in batch if topic in self._wanted], [t for t in batch if t not in self._wanted]

    def put_back(self, *batches: list[str]) -> None:
        """Undo `pop_changed`: they could not be joined or left."""
        for batch in batches:
            self._changed.update(dict.fromkeys(batch))

    def on_joined(self, topics: list[str]) -> None:
        for topic in topics:
            # One that was discarded meanwhile is among the changed ones.
            if topic in self._wanted:
                self._joined.add(topic)
                if waiter := self._waiters.pop(topic, None):
                    waiter.set_result(None)

    def renew(self) -> None:
        """Have all joined once more."""
        self._changed.update(dict.fromkeys(self._wanted))

    def on_lost(self) -> None:
        """Nothing is joined any more, and nobody waits for it."""
        self._joined.clear()
        for waiter in self._waiters.values():
            waiter.set_result(None)
        self._waiters.clear()
