"""Who handles which kind of entry: apps register theirs when Django is ready."""

from abc import ABC, abstractmethod

from .entry import Due


class Handler(ABC):
    """Does what is due, of one kind.

    An entry may be handled again after it was done, and by two processes at the same time, one of them long after the
    other: what it does must be conditional on a row that says what is still to be done, and at what time.
    """

    kind: str

    @abstractmethod
    async def handle(self, entry: Due) -> None:
        """Do it, or nothing if it was cancelled, moved, or is done.

        After `Unavailable` and `RateLimited` it is called again, as often as it takes; after anything else with
        back-off, until the entry is set aside.
        """

    async def give_up(self, entry: Due) -> None:
        """Let whoever waits for it know that it was not done: it is set aside after this, and tried no more by itself.

        What `handle` promises of repetition holds here too. After `Unavailable` it is called again later.
        """
        return


_handlers: dict[str, Handler] = {}


def register(handler: Handler) -> None:
    """Add a handler, before the process begins to work; one of the same kind is replaced."""
    _handlers[handler.kind] = handler


def find_handler(kind: str) -> Handler | None:
    """Return who handles this kind; None for one of a later version of the server."""
    return _handlers.get(kind)
