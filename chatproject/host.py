"""ASGI middleware: a request of HTTP/1.1 names its host, once (RFC 9112, 3.2)."""

from foundation.errors import Invalid
from realtime.transport.request import headers_of

from .refusal import Application, Receive, Scope, Send, refuse

_WITHOUT_HOST = ("1.0", "0.9")


class NamedHost:
    """Wraps the HTTP application; Django would take the server's own name for a host that is missing."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hosts = sum(name == b"host" for name, _ in scope["headers"])
        if hosts == 1 or (not hosts and scope.get("http_version") in _WITHOUT_HOST):
            await self.app(scope, receive, send)
        else:
            await refuse(Invalid("A request has the header Host, once."), headers_of(scope), receive, send)
