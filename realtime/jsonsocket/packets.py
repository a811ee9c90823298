"""The packets of the JSON protocol: `{"event", "data", "ack"?}`, and `{"ack", "data"}` for an acknowledgement."""

from typing import Any

import orjson

from foundation.bounded_json import loads
from foundation.errors import Invalid
from realtime.transport.encoded import RawPacket

# What is sent back is bounded, whatever came.
MAX_ACK = 128


class JsonEncoder:
    """Implements `realtime.hub.event_batch.Encoder`."""

    def event(self, name: str, data: bytes) -> str:
        return f'{{"event":"{name}","data":{data.decode()}}}'


def decode(raw: RawPacket) -> dict[str, Any]:
    """Return a client's packet, with a string under `event`; raises `Invalid`."""
    try:
        packet = loads(raw)
    except ValueError as error:
        raise Invalid("A frame is JSON.") from error
    if not isinstance(packet, dict) or not isinstance(packet.get("event"), str):
        raise Invalid('A frame is an object: {"event": name, "data": {...}, "ack": number or string}.')
    if "ack" in packet and not _can_be_echoed(packet["ack"]):
        raise Invalid(f"`ack` is a number, or a string of {MAX_ACK} characters at most.")
    return packet


def acknowledgement(ack: int | str, data: Any) -> str:
    return orjson.dumps({"ack": ack, "data": data}).decode()


def _can_be_echoed(ack: Any) -> bool:
    """Half of a surrogate pair, or a number of more than 64 bits, could not be written back."""
    if not isinstance(ack, int | str) or isinstance(ack, bool) or (isinstance(ack, str) and len(ack) > MAX_ACK):
        return False
    try:
        orjson.dumps(ack)
    except TypeError:
        return False
    return True
