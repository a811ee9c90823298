"""People with roles in the workspace."""

from tests.cast import Person, person
from users import models, standings
from users.revoked import revoked_sessions
from users.roles import MEMBER, OWNER
from users.services import sign_in


async def give_role(somebody: Person, role: str) -> Person:
    """Return somebody with this role, which every process hears of."""
    user = await models.get(somebody.id)
    assert user is not None
    changed = await standings.write(user, role=role, is_deactivated=user.is_deactivated)
    assert changed is not None
    assert await revoked_sessions().change_user(changed.id, changed.standing)
    return await again(somebody)


async def again(somebody: Person) -> Person:
    """Return somebody as they are when they next ask for something."""
    return Person(await sign_in(token=somebody.token), somebody.token)


async def person_of(role: str) -> Person:
    """Return somebody new with this role."""
    somebody = await person(role.title())
    return somebody if role == MEMBER else await give_role(somebody, role)


async def forget_owners() -> None:
    """Have the workspace no owner: the tables outlive a test."""
    for user_id in await standings.find_owners():
        await standings.drop_owner(user_id)


async def the_owner() -> Person:
    """Return the only owner."""
    await forget_owners()
    return await person_of(OWNER)
