"""The end of a relayed websocket where its session lives: packets leave over Redis for the process that has it open."""

import logging

import redis.asyncio as redis

from realtime.transport.asgi_socket import AwaitedSocket
from realtime.transport.encoded import RawPacket
from realtime.transport.websocket import SocketHandler

from .cluster import Cluster, OwnerGone
from .operations import Operation

logger = logging.getLogger(__name__)

# The close code when packets between the two processes may be lost: "going away", after which clients come back.
LOST = 1001
# What its handler is told then: the websocket is gone, and its client has not closed it.
BROKE_OFF = 1006


class RemoteSocket(AwaitedSocket):
    """A `Socket` for a session here; `node` is the process that has the websocket open."""

    def __init__(self, handler: SocketHandler, cluster: Cluster, node: str, sid: str) -> None:
        super().__init__(handler)
        self._cluster, self._node, self._sid = cluster, node, sid

    async def _send(self, packet: RawPacket) -> None:
        try:
            await self._cluster.send(self._node, Operation.WRITE, {"sid": self._sid, "packets": [packet]})
        except Exception as error:
            if not isinstance(error, OwnerGone | redis.RedisError):
                logger.exception("a packet could not be relayed")
            # The packet is lost, and none may follow it: the client would not notice the gap.
            self.stop()
            self.handler.lost(BROKE_OFF)
            raise

    async def _close(self, code: int, reason: str) -> None:
        await self._cluster.send(self._node, Operation.CLOSE, {"sid": self._sid, "code": code})
