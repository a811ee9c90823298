"""HTTP views of groups and members."""

from typing import Any

from foundation.api import call_async, call_unhurried
from foundation.operations import Operation, next_cursor
from users import selectors as users
from users.actor import Actor
from users.api import ApiView

from . import selectors, serializers, services
from .blocking.selectors import blocked_ids

Wire = dict[str, Any]


def _address(group: Any) -> str:
    return f"/api/groups/{group['id']}"


class GroupsView(ApiView):
    """Your groups, in pages; a POST creates one."""

    @Operation("groups_list", serializers.ListGroupsInput, serializers.GroupListSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, **page: Any) -> Wire:
        """List your groups.

        A page has them in the order of their names, the pages follow each other in the order of the groups' ids.
        """
        return (await selectors.list_groups(actor=actor, **page)).as_wire()

    @Operation(
        "groups_create",
        serializers.CreateGroupInput,
        serializers.GroupSerializer,
        statuses=(201,),
        location=_address,
    )
    def post(self, actor: Actor, **group: Any) -> Wire:
        """Create a group that you own."""
        return call_unhurried(services.create_group, actor=actor, **group).as_wire()


class DirectView(ApiView):
    """A direct conversation."""

    @Operation("groups_direct", serializers.CreateDirectInput, serializers.GroupDetailSerializer)
    def post(self, actor: Actor, **other: Any) -> Wire:
        """Get the direct conversation with somebody or some people, which is made if there is none yet.

        With yourself alone it is your notes.
        """
        group = call_async(services.create_direct, actor=actor, **other)
        return call_async(selectors.get_group_detail, actor=actor, group_id=group.id)


class GroupView(ApiView):
    """One group: PATCH changes it."""

    @Operation("groups_read", serializers.GroupRefInput, serializers.GroupDetailSerializer)
    async def get(self, actor: Actor, **group: Any) -> Wire:
        """Get a group that you are in."""
        return await selectors.get_group_detail(actor=actor, **group)

    @Operation("groups_change", serializers.ChangeGroupInput, serializers.GroupSerializer)
    def patch(self, actor: Actor, **change: Any) -> Wire:
        """Change a group: its name, topic and description, who finds it, what its members may do; archive it.

        Its policy says who may change name, topic and description; its owner and admins may change the rest.
        """
        return call_async(services.change_group, actor=actor, **change).as_wire()


class MembersView(ApiView):
    """A group's members, in pages; a POST adds some."""

    @Operation("members_list", serializers.ListMembersInput, serializers.MemberListSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, **page: Any) -> Wire:
        """List the members of a group, in the order of their user ids."""
        return await self.page(actor, **page)

    async def page(self, actor: Actor, **query: Any) -> Wire:
        """Return a page: {members: [{userId, name, role, joinedAt, deactivated?, blocked?}], nextCursor?}."""
        page = await selectors.list_members(actor=actor, **query)
        profiles = await users.get_users(user_ids=[member.user_id for member in page.members])
        blocked = await blocked_ids(actor=actor)
        members = [
            {
                "userId": m.user_id,
                "name": profiles[m.user_id].name if m.user_id in profiles else m.user_id,
                "role": m.role,
                "joinedAt": m.joined_at,
                **({"deactivated": True} if m.user_id in profiles and not profiles[m.user_id].is_active else {}),
                **({"blocked": True} if m.user_id in blocked else {}),
            }
            for m in page.members
        ]
        return {"members": members, **({"nextCursor": page.next_cursor} if page.next_cursor else {})}

    @Operation("members_add", serializers.AddMembersInput, serializers.AddedSerializer)
    def post(self, actor: Actor, **people: Any) -> Wire:
        """Add people to a group, and those who are in teams now; those may whom its policy lets invite.

        Whoever has left the group by themselves is asked to come back, and then nobody is added; of the people of teams
        the others are. Who comes into a team later is not added.
        """
        if "team_ids" in people:
            return call_unhurried(services.add_teams, actor=actor, **people)
        return {"added": call_unhurried(services.add_members, actor=actor, **people)}


class MemberView(ApiView):
    """One member: PATCH changes the role, DELETE takes them out."""

    @Operation("members_change_role", serializers.ChangeRoleInput, statuses=(204,))
    def patch(self, actor: Actor, **change: Any) -> None:
        """Give a member another role; the owner may.

        Whoever makes somebody else the owner is an admin from then on.
        """
        call_async(services.change_role, actor=actor, **change)

    @Operation("members_remove", serializers.MemberRefInput, statuses=(204,))
    def delete(self, actor: Actor, **member: Any) -> None:
        """Remove a member of a lower role than your own."""
        call_async(services.remove_member, actor=actor, **member)


class LeaveView(ApiView):
    """Leaving a group."""

    @Operation("groups_leave", serializers.GroupRefInput, statuses=(204,))
    def post(self, actor: Actor, **group: Any) -> None:
        """Leave a group; its owner makes somebody else the owner first."""
        call_async(services.leave_group, actor=actor, **group)


class RejoinView(ApiView):
    """Coming back to a group."""

    @Operation("groups_rejoin", serializers.GroupRefInput, serializers.GroupSerializer)
    def post(self, actor: Actor, **group: Any) -> Wire:
        """Come back to a group that you have left, after its owner or an admin has tried to add you."""
        return call_async(services.rejoin_group, actor=actor, **group).as_wire()
