"""HTTP views of sections."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation
from users.actor import Actor
from users.api import ApiView

from . import selectors, serializers, services


class SectionsView(ApiView):
    """The sections of your list of groups; a group is put into one by `PATCH /api/groups/{groupId}/me`."""

    @Operation("sections_list", None, serializers.SectionsSerializer)
    async def get(self, actor: Actor) -> dict[str, Any]:
        """List your sections, in their order."""
        return (await selectors.get_sections(actor=actor)).as_wire()

    @Operation("sections_write", serializers.WriteSectionsInput, serializers.SectionsSerializer)
    def put(self, actor: Actor, **sections: Any) -> dict[str, Any]:
        """Replace your sections, all at once: make, rename, order, collapse, delete.

        Groups of a section that you leave out are in none then.
        """
        return call_async(services.write_sections, actor=actor, **sections).as_wire()
