"""HTTP views of drafts."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation
from users.actor import Actor
from users.api import ApiView

from . import selectors, serializers, services

Wire = dict[str, Any]


class DraftsView(ApiView):
    """What you have written and not sent; PUT keeps a draft, DELETE clears it."""

    @Operation("drafts_list", serializers.ListDraftsInput, serializers.DraftsSerializer)
    async def get(self, actor: Actor, **query: Any) -> Wire:
        """List your drafts, of all groups or of one."""
        return await selectors.list_drafts(actor=actor, **query)

    @Operation("drafts_write", serializers.WriteDraftInput, serializers.WrittenDraftSerializer)
    def put(self, actor: Actor, **draft: Any) -> Wire:
        """Keep what you have written so far; your other devices are told."""
        return call_async(services.write_draft, actor=actor, **draft)

    @Operation("drafts_clear", serializers.DraftRefInput, serializers.WrittenDraftSerializer)
    def delete(self, actor: Actor, **draft: Any) -> Wire:
        """Clear a draft, such as one that was sent."""
        return call_async(services.write_draft, actor=actor, **draft)
