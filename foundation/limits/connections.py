"""How many connections one address may have open, in each process: HTTP ones, and any that have not signed in yet."""

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
        _remove(self._open, address)


class HttpConnections:
    """Counts TCP connections by the address at their other end, until they are websockets or closed.

    That address is a proxy's where there is one; then only the bound of the process holds.
    """

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._total = 0

    def add(self, address: str) -> bool:
        """Count a connection, and return True; False if no more may be open."""
        total, own = _bound("MAX_HTTP_CONNECTIONS"), _bound("MAX_HTTP_CONNECTIONS_PER_ADDRESS")
        is_client = bool(address) and not _bound("TRUSTED_PROXIES")
        if 0 < total <= self._total or (is_client and 0 < own <= self._open[address]):
            return False
        self._open[address] += 1
        self._total += 1
        return True

    def remove(self, address: str) -> None:
        """Undo one `add` that returned True."""
        _remove(self._open, address)
        self._total -= 1


def _bound(name: str) -> int:
    # An application of its own on `realtime/` need not have these settings.
    bound: int = getattr(settings, name, 0)
    return bound


def _remove(open_connections: Counter[str], address: str) -> None:
    open_connections[address] -= 1
    if open_connections[address] <= 0:
        del open_connections[address]


anonymous_connections = AnonymousConnections()
# Handshakes of websockets that wait for their turn: they are no HTTP connections any more, and not yet the above.
waiting_handshakes = AnonymousConnections()
http_connections = HttpConnections()
