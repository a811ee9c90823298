"""The HTTP API of the workspace."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation, next_cursor
from users.actor import Actor
from users.api import ApiView
from users.serializers import UserListSerializer, UserSerializer

from . import policies, selectors, services
from .serializers import (
    ChangeWorkspaceInput,
    ChangeWorkspaceRoleInput,
    ListDeactivatedInput,
    PersonRefInput,
    WorkspaceSerializer,
)

Wire = dict[str, Any]


class WorkspaceView(ApiView):
    """The workspace: its name and logo, and who may do what."""

    @Operation("workspace_read", None, WorkspaceSerializer)
    async def get(self, actor: Actor) -> Wire:
        """Get the settings of the workspace, and your role in it."""
        return (await policies.get_current()).as_wire() | {"role": actor.role}

    @Operation("workspace_change", ChangeWorkspaceInput, WorkspaceSerializer)
    def patch(self, actor: Actor, **changes: Any) -> Wire:
        """Change settings of the workspace; they hold everywhere within two seconds."""
        changed = call_async(services.change_settings, actor=actor, **changes)
        return changed.as_wire() | {"role": actor.role}


class DeactivatedView(ApiView):
    """The people who are deactivated, in pages; for administrators."""

    @Operation("workspace_deactivated", ListDeactivatedInput, UserListSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, **query: Any) -> Wire:
        """List the people who are deactivated, by name."""
        page = await selectors.list_deactivated(actor=actor, **query)
        users = {"users": [user.as_wire() for user in page.users]}
        return users | ({"nextCursor": page.next_cursor} if page.next_cursor else {})


class RoleView(ApiView):
    """Somebody's role in the workspace."""

    @Operation("workspace_change_role", ChangeWorkspaceRoleInput, UserSerializer)
    def put(self, actor: Actor, **change: Any) -> Wire:
        """Give somebody another role in the workspace; it holds everywhere within two seconds."""
        return call_async(services.change_role, actor=actor, **change).as_wire()


class PersonView(ApiView):
    """Somebody in the workspace."""

    @Operation("workspace_remove", PersonRefInput, None, statuses=(204,))
    def delete(self, actor: Actor, **person: Any) -> None:
        """Remove what is known of somebody who is deactivated, but what they wrote, for good."""
        call_async(services.remove_personal_data, actor=actor, **person)


class DeactivateView(ApiView):
    """Keeping somebody out."""

    @Operation("workspace_deactivate", PersonRefInput, UserSerializer)
    def post(self, actor: Actor, **person: Any) -> Wire:
        """Keep somebody out: their sessions, sockets and downloads end within two seconds; what they wrote stays."""
        return call_async(services.deactivate, actor=actor, **person).as_wire()


class ReactivateView(ApiView):
    """Letting somebody in again."""

    @Operation("workspace_reactivate", PersonRefInput, UserSerializer)
    def post(self, actor: Actor, **person: Any) -> Wire:
        """Let somebody in again, with the groups that they were in; they sign in anew."""
        return call_async(services.reactivate, actor=actor, **person).as_wire()
