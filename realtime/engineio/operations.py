"""What processes ask of each other about a session; the values are what they publish."""

from enum import StrEnum


class Operation(StrEnum):
    # For the session's owner, with a response.
    TRANSPORT = "transport"
    POLL = "poll"
    POST = "post"
    ABORT = "abort"
    BEGIN_UPGRADE = "begin_upgrade"
    END_UPGRADE = "end_upgrade"
    NOTE_POLL = "note_poll"
    RELEASE_POLL = "release_poll"
    ATTACH_WEBSOCKET = "carry"
    # For the owner, without a response: a frame of a relayed websocket, or None when it is gone.
    FRAME = "frame"
    # For the process that relays a websocket, without a response: packets to write, and the order to close it.
    WRITE = "out"
    CLOSE = "close"
