"""With SIGN_IN=trial, refuses requests of other machines, however they got here."""

from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed, PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from .configuration import TRIAL, is_loopback


class ThisMachineOnly:
    """Without it, `uvicorn --host 0.0.0.0` would open a trial to the network: HOST is not what uvicorn listens on."""

    async_capable, sync_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        if settings.SIGN_IN != TRIAL:
            raise MiddlewareNotUsed
        self._get_response = get_response
        # Else Django takes it for synchronous, and turns what it raises into a 500.
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Empty over a Unix socket, whose file says who may use it. A proxy here may serve other machines, and say so:
        # that is believed without TRUSTED_PROXIES, since it can only take permission away.
        said = [request.META.get("REMOTE_ADDR", ""), *request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if not all(is_loopback(address) for address in map(str.strip, said) if address):
            raise PermissionDenied
        return await self._get_response(request)
