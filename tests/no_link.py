"""A hub's link (`realtime.hub.link.Link`) for unit tests: the only process there is, and always subscribed.

`HUB_LINK=tests.no_link.NoLink` selects it.
"""

from collections.abc import Callable

from realtime.hub.link import Message


class NoLink:
    connected = True

    def __init__(self, on_message: Callable[[Message], None], on_reconnect: Callable[[], None]) -> None:
        pass

    def subscribe(self, topic: str) -> None:
        pass

    async def wait_subscribed(self, topic: str) -> None:
        pass

    def is_ready(self, topic: str) -> bool:
        return True

    def unsubscribe(self, topic: str) -> None:
        pass

    def publish(self, topic: str, message: Message) -> None:
        pass

    async def close(self) -> None:
        pass
