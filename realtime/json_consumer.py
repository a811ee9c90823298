"""The Channels consumer of the JSON door."""

from collections.abc import Mapping

from .json_session import Door, JsonSession
from .websocket import Owner
from .websocket_consumer import WebSocketConsumer


class JsonConsumer(WebSocketConsumer):
    """Opens a session for each websocket."""

    # The door's own heartbeat: the client's library answers.
    pings = True

    def __init__(self, door: Door) -> None:
        super().__init__()
        self.door = door

    async def owner_for(self, query: dict[str, list[str]], credentials: Mapping[str, str]) -> Owner | None:
        return JsonSession(self.door, credentials)
