"""HTTP views of presence: the members of a group, with the status of each."""

from typing import Any

from rest_framework.request import Request

from foundation.api import call_async
from groups import views

from .selectors import statuses_of


class MembersView(views.MembersView):
    """A page of a group's members, each with their status; POST adds some."""

    def page(self, request: Request, group_id: str) -> dict[str, Any]:
        """Return the page with each member's `status`, which is left out where this process does not know it."""
        page = super().page(request, group_id)
        statuses = call_async(statuses_of, user_ids=[member["userId"] for member in page["members"]])
        if statuses:
            page["members"] = [{**member, "status": statuses[member["userId"]]} for member in page["members"]]
        return page
