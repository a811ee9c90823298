"""HTTP views of what a member has set of a group."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation
from users.actor import Actor
from users.api import ApiView

from . import serializers, services


class OwnSettingsView(ApiView):
    """What you have set of a group for yourself; `GET /api/groups` shows it as `own`."""

    @Operation("groups_own_settings", serializers.ChangeOwnSettingsInput, serializers.OwnGroupSettingsSerializer)
    def patch(self, actor: Actor, **changes: Any) -> dict[str, Any]:
        """Change which messages you are told of, whether it is muted or a favourite, and in which section it is."""
        return call_async(services.change_own_settings, actor=actor, **changes)
