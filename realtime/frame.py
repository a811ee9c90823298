"""A frame: one event, encoded at most once for each kind of wire, whatever the number of connections it goes to."""

from typing import Protocol


class Wire(Protocol):
    """How a kind of connection writes an event."""

    def event(self, name: str, data: bytes) -> str: ...


class Frame:
    """An event's name and JSON, with the text for each wire made when the first connection of that wire needs it."""

    __slots__ = ("_texts", "data", "event")

    def __init__(self, event: str, data: bytes) -> None:
        self.event = event
        self.data = data
        self._texts: dict[Wire, str] = {}

    def text_for(self, wire: Wire) -> str:
        text = self._texts.get(wire)
        if text is None:
            text = self._texts[wire] = wire.event(self.event, self.data)
        return text
