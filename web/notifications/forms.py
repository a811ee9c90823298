"""The forms of notifications: settings, a device to remove, and a push to oneself."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from foundation.errors import AppError
from foundation.validation import validated
from notifications.devices import services as devices
from notifications.preferences.services import change_settings
from notifications.serializers import ChangeNotificationSettingsInput, DeviceRefInput
from users.actor import Actor
from web.forms import posted, redirect_to, validated_input
from web.shell import with_headers_of

from .content import render_notifications


async def _show_again(request: HttpRequest, actor: Actor, error: AppError, /) -> HttpResponseBase:
    return with_headers_of(error, await render_notifications(request, actor, error))


@posted(_show_again)
async def save(request: HttpRequest, actor: Actor) -> HttpResponse:
    typed: dict[str, Any] = {name: request.POST[name] for name in ("push", "mail") if name in request.POST}
    if "quietFrom" in request.POST or "quietUntil" in request.POST:
        # Both empty: never quiet.
        typed |= {name: request.POST.get(name) or None for name in ("quietFrom", "quietUntil")}
    await change_settings(actor=actor, **validated(ChangeNotificationSettingsInput, typed))
    return redirect_to("notifications")


@posted(_show_again)
async def remove(request: HttpRequest, actor: Actor) -> HttpResponse:
    await devices.remove_device(actor=actor, **validated_input(DeviceRefInput, request, "deviceId"))
    return redirect_to("notifications")


@posted(_show_again)
async def test(request: HttpRequest, actor: Actor) -> HttpResponse:
    return await render_notifications(request, actor, tested=await devices.send_test(actor=actor))
