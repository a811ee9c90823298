"""The socket map: which path speaks which protocol. `/ws/`, plain JSON, takes its place here beside Socket.IO."""

from django.urls import path

from messaging.consumers import ChatApplication
from realtime.socketio_consumer import SocketIOConsumer

chat = ChatApplication()
websocket_urlpatterns = [path("socket.io/", SocketIOConsumer.as_asgi(application=chat))]
