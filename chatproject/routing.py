"""The socket map: which path speaks which protocol."""

from django.conf import settings
from django.urls import path

from messaging.consumers import ChatApplication
from realtime.engineio.polling import PollingConsumer
from realtime.engineio.server import Server
from realtime.engineio.session import Settings
from realtime.engineio.websocket import WebSocketConsumer
from realtime.json_consumer import JsonConsumer
from realtime.per_loop import PerLoop
from realtime.socketio.session import SocketIOSession

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
        lambda request: SocketIOSession({"/": chat}, request),
        redis_url=settings.REDIS_URL,
        namespace=settings.NAMESPACE,
    )


socketio_server = PerLoop(_make_server)
polling = PollingConsumer.as_asgi(get_server=socketio_server)
websocket_urlpatterns = [
    path("socket.io/", WebSocketConsumer.as_asgi(get_server=socketio_server)),
    path(
        "ws/",
        JsonConsumer.as_asgi(
            application=chat, connect_timeout=settings.CONNECT_TIMEOUT, max_payload=settings.MAX_PACKET_BYTES
        ),
    ),
]
