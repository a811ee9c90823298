"""Where what is being done was asked from: the address of the HTTP request, and who has signed in for it.

Both are of the context (`contextvars`), so a background task has those of whoever began it. Events of sockets have
none: a connection outlives any request.
"""

from contextvars import ContextVar

_address: ContextVar[str | None] = ContextVar("_address", default=None)
# The id of the user, and that of their session.
_signed_in: ContextVar[tuple[str, str] | None] = ContextVar("_signed_in", default=None)


def note_address(address: str) -> None:
    """Say that a request begins, from this address; nobody has signed in for it yet."""
    _address.set(address)
    _signed_in.set(None)


def note_session(user_id: str, session_id: str) -> None:
    """Say whose request it is; what is no request is told too, and need not ask."""
    _signed_in.set((user_id, session_id))


def address() -> str | None:
    return _address.get()


def session_of(user_id: str) -> str | None:
    """Return the session in which this user has asked, None if it is another's request, or none."""
    known = _signed_in.get()
    return known[1] if known and known[0] == user_id else None
