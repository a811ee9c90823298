"""HTTP views of the directory of public groups, and of joining one."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation, next_cursor
from groups import services
from groups.serializers import GroupRefInput, GroupSerializer
from users.actor import Actor
from users.api import ApiView

from . import selectors, serializers

Wire = dict[str, Any]


class DirectoryView(ApiView):
    """The public groups, in pages."""

    @Operation("groups_directory", serializers.FindGroupsInput, serializers.DirectorySerializer, next_page=next_cursor)
    async def get(self, actor: Actor, **page: Any) -> Wire:
        """Find public groups; you need not be in them. Private and archived ones are not there."""
        return (await selectors.find_groups(actor=actor, **page)).as_wire()


class JoinView(ApiView):
    """Joining a public group."""

    @Operation("groups_join", GroupRefInput, GroupSerializer)
    def post(self, actor: Actor, **group: Any) -> Wire:
        """Join a public group; for who is in it already, this changes nothing."""
        return call_async(services.join_group, actor=actor, **group).as_wire()
