"""The server, which kills itself between commit and publish of a certain message, without any cleanup."""

import os
import signal

from chatproject.asgi import application
from realtime.hub.change import Change
from realtime.hub.hub import Hub

__all__ = ["application"]

_publish = Hub.publish


def publish_or_die(hub: Hub, name: str, changes: list[Change]) -> None:
    if any(b"die after this" in change.data for change in changes):
        os.kill(os.getpid(), signal.SIGKILL)
    _publish(hub, name, changes)


Hub.publish = publish_or_die  # type: ignore[method-assign,assignment]
