"""Which path speaks which protocol for sockets."""

from django.conf import settings
from django.urls import path

from foundation.per_loop import PerLoop
from messaging.consumers import ChatApplication
from realtime.engineio.contract import Settings
from realtime.engineio.endpoint import EngineIOEndpoint
from realtime.engineio.polling import PollingConsumer
from realtime.engineio.server import Server
from realtime.jsonsocket.endpoint import JsonEndpoint
from realtime.socketio.connection import SocketIOConnection
from realtime.transport.consumer import WebSocketConsumer
from realtime.transport.endpoint import Endpoint

chat = ChatApplication()


def _make_server() -> Server:
    return Server(
        Settings(
            ping_interval=settings.PING_INTERVAL,
            ping_timeout=settings.PING_TIMEOUT,
            connect_timeout=settings.CONNECT_TIMEOUT,
            upgrade_timeout=settings.UPGRADE_TIMEOUT,
            max_payload=settings.MAX_PACKET_BYTES,
            takeover_wait=settings.TAKEOVER_WAIT,
        ),
        lambda credentials: SocketIOConnection({"/": chat}, credentials),
        redis_url=settings.REDIS_URL,
        namespace=settings.NAMESPACE,
    )


socketio_server = PerLoop(_make_server)
polling = PollingConsumer.as_asgi(get_server=socketio_server)
endpoints: dict[str, Endpoint] = {
    "/socket.io/": EngineIOEndpoint(socketio_server),
    "/ws/": JsonEndpoint(chat, settings.CONNECT_TIMEOUT, settings.MAX_PACKET_BYTES),
}
websocket_urlpatterns = [
    path(name[1:], WebSocketConsumer.as_asgi(endpoint=endpoint)) for name, endpoint in endpoints.items()
]
