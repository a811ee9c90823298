"""HTTP views of presence: the members of a group, with the status of each."""

from typing import Any

from groups import views
from users.actor import Actor

from .selectors import statuses_of


class MembersView(views.MembersView):
    """A group's members, in pages, each with their status; a POST adds some."""

    async def page(self, actor: Actor, **query: Any) -> dict[str, Any]:
        """Return the page with each member's `status`, which is left out where this process does not know it."""
        page = await super().page(actor, **query)
        statuses = await statuses_of(user_ids=[member["userId"] for member in page["members"]])
        if statuses:
            page["members"] = [{**member, "status": statuses[member["userId"]]} for member in page["members"]]
        return page
