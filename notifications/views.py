"""The HTTP API of notifications: one's own settings and devices, and why one was told of a message, or not."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation
from users.actor import Actor
from users.api import ApiView

from . import serializers
from .devices import selectors as devices
from .devices import services as device_services
from .preferences import selectors as preferences
from .preferences import services as preference_services
from .selectors import explain

Wire = dict[str, Any]


class NotificationSettingsView(ApiView):
    """How you are told of messages while you are away."""

    @Operation("notifications_settings", None, serializers.NotificationSettingsSerializer)
    async def get(self, actor: Actor) -> Wire:
        """Get how you are told, and the key that browsers subscribe with."""
        return await preferences.get_settings(actor=actor)

    @Operation(
        "notifications_change_settings",
        serializers.ChangeNotificationSettingsInput,
        serializers.NotificationSettingsSerializer,
    )
    def patch(self, actor: Actor, **changes: Any) -> Wire:
        """Change whether you are told by push and by mail, and when it is quiet."""
        return call_async(preference_services.change_settings, actor=actor, **changes)


class DevicesView(ApiView):
    """The browsers that take pushes for you."""

    @Operation("notifications_devices", None, serializers.DeviceListSerializer)
    async def get(self, actor: Actor) -> Wire:
        """List your devices, the oldest first."""
        return {"devices": await devices.list_devices(actor=actor)}

    @Operation("notifications_add_device", serializers.AddDeviceInput, serializers.DeviceSerializer)
    def post(self, actor: Actor, **device: Any) -> Wire:
        """Have a browser take pushes for you until you sign out there; again with the same endpoint, it is the same."""
        return call_async(device_services.add_device, actor=actor, **device)


class DeviceView(ApiView):
    """One of your devices."""

    @Operation("notifications_remove_device", serializers.DeviceRefInput, statuses=(204,))
    def delete(self, actor: Actor, **device: Any) -> None:
        """Have a device take no more pushes."""
        call_async(device_services.remove_device, actor=actor, **device)


class TestView(ApiView):
    """A push to yourself."""

    @Operation("notifications_test", None, serializers.TestSerializer)
    def post(self, actor: Actor) -> Wire:
        """Push to all of your devices now, to see whether it arrives."""
        return call_async(device_services.send_test, actor=actor)


class WhyView(ApiView):
    """Why you were told of a message, or not."""

    @Operation("notifications_why", serializers.ExplainInput, serializers.ExplanationSerializer)
    async def get(self, actor: Actor, **message: Any) -> Wire:
        """Say why you were told of a message that you can read, or why not; nobody else can ask that of you."""
        return await explain(actor=actor, **message)
