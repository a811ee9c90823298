"""Which path speaks which protocol for sockets."""

from django.conf import settings
from django.urls import path

from foundation.per_loop import PerLoop
from realtime.engineio.contract import Settings
from realtime.engineio.polling import PollingConsumer
from realtime.engineio.server import Server
from realtime.engineio.websocket_consumer import EngineIOWebSocketConsumer
from realtime.socketio.connection import SocketIOConnection

from .body_limit import BodyPace
from .consumers import ClientConsumer


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
        lambda credentials: SocketIOConnection({"/": ClientConsumer}, credentials),
        redis_url=settings.REDIS_URL,
        namespace=settings.NAMESPACE,
    )


socketio_server = PerLoop(_make_server)
http_urlpatterns = [path("socket.io/", BodyPace(PollingConsumer.as_asgi(get_server=socketio_server)))]  # type: ignore[arg-type] # Channels routes to any ASGI application, Django's types know only views
websocket_urlpatterns = [
    path("socket.io/", EngineIOWebSocketConsumer.as_asgi(get_server=socketio_server)),
    path("ws/", ClientConsumer.as_asgi()),
]
