"""HTTP views of teams."""

from typing import Any

from foundation.api import call_async, call_unhurried
from foundation.operations import Operation, next_cursor
from users.actor import Actor
from users.api import ApiView

from . import selectors, serializers, services

Wire = dict[str, Any]


class TeamsView(ApiView):
    """The teams of this workspace, in pages; a POST makes one."""

    @Operation("teams_list", serializers.FindTeamsInput, serializers.TeamListSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, **query: Any) -> Wire:
        """List the teams by name, or find those whose name, a word of it, or handle starts with something."""
        teams, cursor = await selectors.find_teams(actor=actor, **query)
        return {"teams": [team.as_wire() for team in teams], **({"nextCursor": cursor} if cursor else {})}

    @Operation(
        "teams_create",
        serializers.CreateTeamInput,
        serializers.TeamSerializer,
        statuses=(201,),
        location=lambda team: f"/api/teams/{team['id']}",
    )
    def post(self, actor: Actor, **team: Any) -> Wire:
        """Make a team; administrators of the workspace may."""
        return call_unhurried(services.create_team, actor=actor, **team).as_wire()


class TeamView(ApiView):
    """One team; PATCH changes it, DELETE deletes it."""

    @Operation("teams_read", serializers.TeamRefInput, serializers.TeamDetailSerializer)
    async def get(self, actor: Actor, **team: Any) -> Wire:
        """Get a team."""
        return await selectors.get_team(actor=actor, **team)

    @Operation("teams_change", serializers.ChangeTeamInput, serializers.TeamSerializer)
    def patch(self, actor: Actor, **change: Any) -> Wire:
        """Change a team's name, handle or description; its managers and administrators may."""
        return call_async(services.change_team, actor=actor, **change).as_wire()

    @Operation("teams_delete", serializers.TeamRefInput, statuses=(204,))
    def delete(self, actor: Actor, **team: Any) -> None:
        """Delete a team; administrators of the workspace may. Who was in it stays in all groups."""
        call_async(services.delete_team, actor=actor, **team)


class TeamMembersView(ApiView):
    """Who is in a team, in pages; a POST puts people into it."""

    @Operation(
        "team_members_list", serializers.ListPeopleInput, serializers.TeamMembersSerializer, next_page=next_cursor
    )
    async def get(self, actor: Actor, **page: Any) -> Wire:
        """List who is in a team, in the order of their ids."""
        return await selectors.list_people(actor=actor, **page)

    @Operation("team_members_add", serializers.AddPeopleInput, serializers.AddedToTeamSerializer)
    def post(self, actor: Actor, **people: Any) -> Wire:
        """Put people into a team; its managers and administrators may."""
        return {"added": call_unhurried(services.add_people, actor=actor, **people)}


class TeamMemberView(ApiView):
    """Somebody in a team: PATCH changes the role, DELETE takes them out."""

    @Operation("team_members_change_role", serializers.ChangeTeamRoleInput, statuses=(204,))
    def patch(self, actor: Actor, **change: Any) -> None:
        """Have somebody in a team manage it, or no longer."""
        call_async(services.change_role, actor=actor, **change)

    @Operation("team_members_remove", serializers.PersonRefInput, statuses=(204,))
    def delete(self, actor: Actor, **person: Any) -> None:
        """Take somebody out of a team; everybody may go by themselves."""
        call_async(services.remove_person, actor=actor, **person)
