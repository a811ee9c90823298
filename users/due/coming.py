"""Tells the workers of this process of entries that it writes, so that they need not look for them."""

from collections.abc import Callable

# Gets the place of an entry, in milliseconds since 1970, before it is written, in any thread; never waits and never
# fails.
Listener = Callable[[int], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    _listeners.append(listener)


def stop_listening(listener: Listener) -> None:
    _listeners.remove(listener)


def note(place: int) -> None:
    """Note that this process writes an entry; whether the write succeeds does not matter."""
    for listener in tuple(_listeners):
        listener(place)
