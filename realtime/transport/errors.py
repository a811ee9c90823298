"""The error of a peer that breaks its protocol."""


class ProtocolError(Exception):
    """The bytes are not what the protocol allows; the connection that sent them is closed."""
