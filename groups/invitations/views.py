"""HTTP views of links to groups, and of what you are asked to join."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation, next_cursor
from groups.serializers import GroupRefInput, GroupSerializer
from users.actor import Actor
from users.api import ApiView

from . import selectors, serializers, services

Wire = dict[str, Any]


class LinksView(ApiView):
    """The links by which people join a group; a POST makes one."""

    # No answer that has a token is kept for a request that is sent again.
    keeps_answers = False

    @Operation("groups_links", GroupRefInput, serializers.InvitationLinkListSerializer)
    async def get(self, actor: Actor, **group: Any) -> Wire:
        """List the links to a group; those who may invite people to it may."""
        return {"links": [link.as_wire() for link in await selectors.list_links(actor=actor, **group)]}

    @Operation("groups_make_link", serializers.MakeLinkInput, serializers.NewInvitationLinkSerializer, statuses=(201,))
    def post(self, actor: Actor, **link: Any) -> Wire:
        """Make a link by which so many people may join the group, for so long."""
        return call_async(services.make_link, actor=actor, **link).as_wire()


class LinkView(ApiView):
    """One link."""

    @Operation("groups_revoke_link", serializers.LinkRefInput, statuses=(204,))
    def delete(self, actor: Actor, **link: Any) -> None:
        """Make a link invalid, at once."""
        call_async(services.revoke_link, actor=actor, **link)


class ReadLinkView(ApiView):
    """What a link leads to. The token is in the body: addresses are logged."""

    @Operation("groups_read_link", serializers.UseLinkInput, serializers.LinkedGroupSerializer)
    def post(self, actor: Actor, **link: Any) -> Wire:
        """Get the name of the group that a link leads to."""
        return call_async(selectors.read_link, actor=actor, **link)


class UseLinkView(ApiView):
    """Joining by a link."""

    @Operation("groups_use_link", serializers.UseLinkInput, GroupSerializer)
    def post(self, actor: Actor, **link: Any) -> Wire:
        """Join the group that a link leads to."""
        return call_async(services.join_by_link, actor=actor, **link).as_wire()


class AskedView(ApiView):
    """Whom a group asks to join it."""

    @Operation("groups_asked", serializers.ListAskedInput, serializers.AskedListSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, **query: Any) -> Wire:
        """List whom the group asks to join; those who manage it may."""
        return await selectors.list_asked(actor=actor, **query)


class AskedUserView(ApiView):
    """One person whom a group asks."""

    @Operation("groups_withdraw", serializers.AskedRefInput, statuses=(204,))
    def delete(self, actor: Actor, **asked: Any) -> None:
        """Take back that the group asks somebody; those who manage it may."""
        call_async(services.withdraw_invitation, actor=actor, **asked)


class InvitationsView(ApiView):
    """The groups that you are asked to join."""

    @Operation("groups_invitations", None, serializers.InvitationToGroupListSerializer)
    async def get(self, actor: Actor) -> Wire:
        """List the groups that you are asked to join; you join one by its `rejoin`."""
        invitations = await selectors.list_invitations(actor=actor)
        return {"invitations": invitations, "count": len(invitations)}


class InvitationView(ApiView):
    """One group that you are asked to join."""

    @Operation("groups_decline", GroupRefInput, statuses=(204,))
    def delete(self, actor: Actor, **group: Any) -> None:
        """Decline to join a group: you are asked no longer."""
        call_async(services.decline_invitation, actor=actor, **group)
