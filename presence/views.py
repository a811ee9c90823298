"""HTTP views of presence: the members of a group, with the status of each."""

from typing import Any

from rest_framework.request import Request

from foundation.api import call_async
from groups import views

from .selectors import statuses_of


class MembersView(views.MembersView):
    """The members of a group, each with their status; POST adds some."""

    def rows(self, request: Request, group_id: str) -> list[dict[str, Any]]:
        """Return the members with their `status`, which is left out where this process does not know it."""
        members = super().rows(request, group_id)
        statuses = call_async(statuses_of, user_ids=[member["userId"] for member in members])
        return [{**member, "status": statuses[member["userId"]]} for member in members] if statuses else members
