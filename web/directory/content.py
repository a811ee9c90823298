"""What the page of the directory shows."""

from typing import Any

from foundation.errors import AppError
from foundation.ids import new_id
from foundation.validation import validated
from groups.places.selectors import find_groups
from groups.places.serializers import FindGroupsInput
from users.actor import Actor
from web.shell import problem_of

SHOWN = 30


async def directory(actor: Actor, given: dict[str, str], problem: AppError | None = None) -> dict[str, Any]:
    """Return the context of a page: the first, or the one after `cursor`, of what `q` finds.

    Raises `Invalid`, `Forbidden`.
    """
    found = await find_groups(actor=actor, **validated(FindGroupsInput, {**given, "limit": SHOWN}))
    return {
        "query": given.get("q", ""),
        "rows": [{"group": each.group, "joined": each.joined} for each in found.groups],
        "next_cursor": found.next_cursor,
        "problem": problem_of(problem),
        # The form makes one group, however often it is sent.
        "client_id": new_id("page"),
    }
