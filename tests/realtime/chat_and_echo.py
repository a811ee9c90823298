"""The chat, and under `/echo/` the echo application, in one process for the client tests."""

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path, re_path

from chatproject.asgi import application as chat
from examples.echo import application as echo

application = ProtocolTypeRouter(
    {
        **chat.application_mapping,
        **{
            kind: URLRouter(
                [path("echo/", echo.application_mapping[kind]), re_path("", chat.application_mapping[kind])]
            )
            for kind in ("http", "websocket")
        },
    }
)
