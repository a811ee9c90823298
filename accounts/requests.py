"""What the services need to know of the client of an HTTP request."""

from django.http import HttpRequest

from foundation.limits.address import client_address

from .services.clients import Client


def client_of(request: HttpRequest, **more: str | None) -> Client:
    """Return the client; `more` has what only some doors know."""
    scope = getattr(request, "scope", {"headers": (), "client": None})
    return Client(client_address(scope), request.headers.get("User-Agent", ""), **more)
