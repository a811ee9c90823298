"""The socket map: which path speaks which protocol."""

from django.conf import settings
from django.urls import path

from messaging.consumers import ChatApplication
from realtime.engineio.contract import Settings
from realtime.engineio.polling import PollingConsumer
from realtime.engineio.server import Server
from realtime.engineio.websocket import EngineConsumer
from realtime.json_consumer import JsonConsumer
from realtime.json_session import Door
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
        lambda credentials: SocketIOSession({"/": chat}, credentials),
        redis_url=settings.REDIS_URL,
        namespace=settings.NAMESPACE,
    )


socketio_server = PerLoop(_make_server)
polling = PollingConsumer.as_asgi(get_server=socketio_server)
websocket_urlpatterns = [
    path("socket.io/", EngineConsumer.as_asgi(get_server=socketio_server)),
    path(
        "ws/",
        JsonConsumer.as_asgi(door=Door(chat, settings.CONNECT_TIMEOUT, settings.MAX_PACKET_BYTES)),
    ),
]
