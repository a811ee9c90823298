"""Who may read the audit log."""

from foundation.errors import Forbidden
from users.actor import Actor
from users.administrators import is_administrator


async def require_administrator(actor: Actor) -> None:
    """Raise `Forbidden` unless the actor administers the workspace."""
    if not is_administrator(actor.user_id):
        raise Forbidden("Only administrators may do that.")
