"""HTTP views of whom one has blocked."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation, next_cursor
from users.actor import Actor
from users.api import ApiView

from . import selectors, serializers, services

Wire = dict[str, Any]


class BlockedView(ApiView):
    """Whom you have blocked, in pages; nobody else is told."""

    @Operation("blocked_list", serializers.ListBlockedInput, serializers.BlockedListSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, **page: Any) -> Wire:
        """List whom you have blocked, so that you can fold what they write in shared groups."""
        return await selectors.list_blocked(actor=actor, **page)


class BlockedUserView(ApiView):
    """Somebody to block: PUT blocks them, DELETE takes that back."""

    @Operation("blocked_add", serializers.BlockedRefInput, serializers.BlockSerializer)
    def put(self, actor: Actor, **user: Any) -> Wire:
        """Block somebody.

        They cannot write to you, nor put you into groups, and what they write names you nowhere. They are not told.
        """
        return call_async(services.block_user, actor=actor, **user)

    @Operation("blocked_remove", serializers.BlockedRefInput, statuses=(204,))
    def delete(self, actor: Actor, **user: Any) -> None:
        """Take a block back; what was written meanwhile stays without effect."""
        call_async(services.unblock_user, actor=actor, **user)
