"""What pages that show no conversation know of whoever looks at them."""

from typing import Any

from django.http import HttpRequest

from users.actor import Actor
from workspace.roles import may_discover


def remember(request: HttpRequest, actor: Actor) -> None:
    request.actor = actor  # type: ignore[attr-defined]


def viewer(request: HttpRequest) -> dict[str, Any]:
    """Return for every template whether the viewer may see the directory of groups: a link to it would refuse them."""
    actor: Actor | None = getattr(request, "actor", None)
    return {"may_discover": actor is not None and may_discover(actor)}
