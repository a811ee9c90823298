"""Who makes links, and whether they still might: what somebody has handed out is worth no more than they are now."""

from collections.abc import Iterable, Mapping

from users import selectors as users
from users.roles import OWNER, is_administrator
from users.user import User
from workspace import policies
from workspace.settings import INVITE_PEOPLE

from .link_models import RESET, Link

OPERATOR = "operator"


async def may_still_make(link: Link) -> bool:
    """Return whether who has made a link might make it now, by strongly consistent reads; raises `Unavailable`."""
    return await find_void([link]) == set()


async def find_void(links: Iterable[Link]) -> set[str]:
    """Return the ids of those links that who has made them might not make now, as `may_still_make` does of one."""
    made = [link for link in links if link.created_by != OPERATOR]
    ids = {user_id for link in made for user_id in (link.created_by, link.user_id or link.created_by)}
    found = await users.get_users(user_ids=ids, consistent=True) if ids else {}
    return {link.id for link in made if not await _might_make(link, found)}


async def _might_make(link: Link, found: Mapping[str, User]) -> bool:
    maker = found.get(link.created_by)
    if maker is None or not maker.is_active:
        return False
    if link.user_id is None:
        return await policies.permits(maker.role, INVITE_PEOPLE)
    # One's own, which is mailed to whoever has forgotten a password, needs no right over anybody.
    return link.user_id == maker.id or _has_right_over(found.get(link.user_id), maker.role, link.kind)


def _has_right_over(user: User | None, role: str, kind: str) -> bool:
    if kind == RESET and user and user.role == OWNER:
        return False
    return is_administrator(role) and may_stand_in(user, role)


def may_stand_in(user: User | None, role: str) -> bool:
    """Return whether an administrator of this role may make a link that is worth being this user."""
    return role == OWNER or user is None or not is_administrator(user.role)
