"""How many connections that have not signed in yet one address may have open, in each process."""

from collections import Counter

from django.conf import settings

# Seconds: by then some have signed in, or were closed.
RETRY_AFTER = 5.0


class AnonymousConnections:
    """Counts open connections by address, from their handshake until they sign in or are closed."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def is_full(self, address: str) -> bool:
        """Return whether the address may open no more for now; a bound of 0 is none."""
        bound: int = settings.MAX_ANONYMOUS_CONNECTIONS
        return 0 < bound <= self._open[address]

    def add(self, address: str) -> bool:
        """Count a connection, and return True; False if the address may open no more."""
        if self.is_full(address):
            return False
        self._open[address] += 1
        return True

    def remove(self, address: str) -> None:
        """Undo one `add` that returned True."""
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]


anonymous_connections = AnonymousConnections()
