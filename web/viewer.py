"""What every page knows of whoever looks at it."""

from typing import Any

from django.http import HttpRequest

from users.actor import Actor
from users.selectors import known_preferences
from users.user import Preferences
from workspace.roles import may_discover


def remember(request: HttpRequest, actor: Actor) -> None:
    request.actor = actor  # type: ignore[attr-defined]


def viewer(request: HttpRequest) -> dict[str, Any]:
    """Return for every template whether the viewer may see the directory of groups: a link to it would refuse them.

    With it the viewer's `preferences`, which the chat and the page of settings read anew.
    """
    actor: Actor | None = getattr(request, "actor", None)
    preferences = known_preferences(actor=actor) if actor else Preferences()
    return {"may_discover": actor is not None and may_discover(actor), "preferences": preferences}
