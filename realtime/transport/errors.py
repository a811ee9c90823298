"""What a peer that breaks the protocol is answered with."""


class ProtocolError(Exception):
    """The bytes are not what the protocol allows; the connection that sent them is closed."""
