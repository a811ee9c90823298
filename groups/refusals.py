"""Who may not be put into groups, or into a direct conversation, by somebody: they have said so, to whom is not told.

One answer stands for every reason, so that nobody can tell that they were blocked.
"""

from collections.abc import Iterable, Mapping

from foundation.errors import Forbidden
from users import blocks
from users.actor import Actor

from .people import names_of


class RefusesAddition(Forbidden):
    """Some of the users do not let themselves be added by the actor; `user_ids` has them all."""

    def __init__(self, user_ids: Iterable[str], names: Mapping[str, str], *, field: str = "userIds") -> None:
        self.user_ids = list(user_ids)
        sentences = [f"{names.get(user_id, user_id)} does not let you add them." for user_id in self.user_ids[:10]]
        super().__init__("Some people do not let you add them.", fields={field: sentences})


async def find_refusing(*, actor: Actor, user_ids: Iterable[str]) -> set[str]:
    """Return the ids of those of the users whom the actor may not add."""
    return await blocks.find_blockers(actor.user_id, user_ids)


async def require_may_write(*, actor: Actor, user_id: str) -> None:
    """Raise `RefusesAddition` if the actor may not open a conversation with somebody, `Forbidden` if they block."""
    if (await blocks.find_block(actor.user_id, user_id)).since:
        raise Forbidden("You have blocked this person: unblock them to write to them.")
    await require_willing(actor=actor, user_ids=[user_id], field="userId")


async def require_willing(*, actor: Actor, user_ids: Iterable[str], field: str = "userIds") -> None:
    """Raise `RefusesAddition` if the actor may not add some of the users."""
    if refusing := await find_refusing(actor=actor, user_ids=user_ids):
        raise RefusesAddition(sorted(refusing), await names_of(sorted(refusing)), field=field)
