"""How somebody wants the web chat to be: its theme, what Enter does, and its language."""

from foundation.errors import NotFound

from . import profiles, user_cache
from .actor import Actor
from .events import UserUpdated
from .updates import user_updates
from .user import Preferences


async def set_preferences(*, actor: Actor, **changes: str) -> Preferences:
    """Change what is given of `theme`, `enter_key` and `language`, and return all of it.

    The actor's other devices are told. Raises `NotFound` if the actor was removed, `Unavailable`.
    """
    user = await profiles.set_preferences(actor.user_id, changes)
    if user is None:
        raise NotFound
    user_cache.put(user)
    user_updates().tell(user.id, UserUpdated.PREFERENCES, user.preferences.as_wire())
    return user.preferences
