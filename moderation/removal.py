"""Taking a person out of the workspace: the one place that knows how that is done."""

from foundation.errors import Forbidden
from users.actor import Actor


async def deactivate(*, actor: Actor, user_id: str) -> None:
    """Have a user's sessions end, and keep them from coming back; what they wrote stays. May be repeated."""
    raise Forbidden("People cannot be deactivated on this server yet.")
