"""What somebody lets others do with them: who may put them into groups, and begin conversations with them."""

from foundation.errors import NotFound

from . import profiles, user_cache
from .actor import Actor
from .events import UserUpdated
from .updates import user_updates


async def set_addable_by(*, actor: Actor, addable_by: str) -> str:
    """Have those put the actor into groups whom this names, one of ADDABLE_BY, and return it.

    The actor's other devices are told, and nobody else. Raises `NotFound` if the actor was removed, `Unavailable`.
    """
    user = await profiles.set_addable_by(actor.user_id, addable_by)
    if user is None:
        raise NotFound
    user_cache.put(user)
    user_updates().tell(user.id, UserUpdated.PRIVACY, {"addableBy": user.addable_by})
    return user.addable_by
