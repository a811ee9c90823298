"""Reads of the workspace on behalf of a caller. Each raises `Unavailable` while DynamoDB is down."""

from foundation.cursors import encode_cursor
from users import name_search, standings
from users.actor import Actor
from users.administrators import administrator_ids as named_administrators
from users.selectors import UserPage

from .roles import require_administrator


async def administrator_ids() -> frozenset[str]:
    """Return the ids of who administers, and of whom ADMINS names; checks no permission."""
    return named_administrators() | await standings.find_administrators()


async def list_deactivated(*, actor: Actor, limit: int = 20, cursor: tuple[str, ...] | None = None) -> UserPage:
    """Return a page of the people who are deactivated, sorted by name; raises `Forbidden`."""
    require_administrator(actor)
    found = await name_search.list_aside(limit=limit, after=cursor[0] if cursor else None)
    return UserPage(found.users, encode_cursor(found.last_key) if found.has_more and found.last_key else None)
