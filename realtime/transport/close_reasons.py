"""Why connections close, in the few words in which they are counted."""

# The client said so; its transport broke off; it answered no ping; it did not read what it was sent.
CLIENT, LOST, TIMEOUT, TOO_SLOW = "client", "lost", "timeout", "too_slow"
# It broke the protocol; its session was over; it could not be served then; a bug; this process ended; none of these.
PROTOCOL, SESSION_OVER, UNAVAILABLE, FAILED, SHUTDOWN, OTHER = (
    *("protocol", "session_over", "unavailable"),
    *("failed", "shutdown", "other"),
)
CLIENT_CLOSED, ABORTED = "closed by the client", "a GET was aborted"
SHUTTING_DOWN, INTERNAL_ERROR = "server shutting down", "internal error"
_CLIENT_LEFT, _BROKE_OFF = "websocket closed by the client", "transport close"
# What close codes say (RFC 6455, 7.4.1): the client is done, it goes away, it said nothing; no frames, no UTF-8.
_BY_CODE = {
    **dict.fromkeys((1000, 1001, 1005), _CLIENT_LEFT),
    **dict.fromkeys((1002, 1007), "parse error"),
    1011: INTERNAL_ERROR,
    1012: SHUTTING_DOWN,
}

# The reasons with which connections and sessions are closed, by how they begin.
_COUNTED = {
    _CLIENT_LEFT: CLIENT,
    CLIENT_CLOSED: CLIENT,
    "client namespace disconnect": CLIENT,
    _BROKE_OFF: LOST,
    ABORTED: LOST,
    "ping timeout": TIMEOUT,
    "too slow": TOO_SLOW,
    "frame too large": PROTOCOL,
    "overlapping": PROTOCOL,
    "parse error": PROTOCOL,
    "too fast": PROTOCOL,
    "token_expired": SESSION_OVER,
    "try again later": UNAVAILABLE,
    INTERNAL_ERROR: FAILED,
    SHUTTING_DOWN: SHUTDOWN,
}


def counted_reason(reason: str) -> str:
    """Return the word under which a connection that was closed for this reason is counted."""
    return next((word for text, word in _COUNTED.items() if reason.startswith(text)), OTHER)


def lost_reason(code: int) -> str:
    """Return the reason of a websocket that is gone with this close code, and was not closed by its handler."""
    return _BY_CODE.get(code, _BROKE_OFF)
