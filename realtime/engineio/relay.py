"""A session in one process and its websocket in another: what each of the two holds of the other."""

from collections.abc import Callable
from dataclasses import dataclass

import redis.asyncio as redis

from realtime.transport.encoded import RawPacket
from realtime.transport.websocket import AwaitedSocket, Owner

from .cluster import Cluster, OwnerGone

# The websocket close code when the way to the session broke: "going away", so come back.
LOST = 1001


@dataclass(slots=True)
class Relay:
    """A websocket of a session that lives elsewhere: what comes in leaves for the owner, in order."""

    deliver: Callable[[list[RawPacket]], None]
    close: Callable[[int], None]


class RemoteSocket(AwaitedSocket):
    """The websocket of a session here that is open in another process."""

    def __init__(self, owner: Owner, cluster: Cluster, node: str, sid: str) -> None:
        super().__init__(owner)
        self._cluster, self._node, self._sid = cluster, node, sid

    async def _send(self, packet: RawPacket) -> None:
        try:
            await self._cluster.tell(self._node, "out", {"sid": self._sid, "packets": [packet]})
        except (OwnerGone, redis.RedisError):
            # A packet is lost: the client must not take what follows for the whole.
            self.gone()
            self.owner.lost(LOST)
            raise

    async def _close(self, code: int, reason: str) -> None:
        await self._cluster.tell(self._node, "close", {"sid": self._sid, "code": code})
