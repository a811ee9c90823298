"""Whom ADMINS names, by their ids, or in a trial by their names: they are administrators whatever their row says."""

from functools import cache

from django.conf import settings

from .local_issuer import signs_in_by_name, user_id_for_name
from .names import is_user_id


def is_named(user_id: str) -> bool:
    administrators: frozenset[str] = settings.ADMINISTRATORS
    # Elsewhere a name is whatever somebody calls themselves.
    return user_id in administrators or (signs_in_by_name() and user_id in _ids_of(administrators))


def administrator_ids() -> frozenset[str]:
    """Return the ids of all of them; in a trial also those of names that nobody has."""
    administrators: frozenset[str] = settings.ADMINISTRATORS
    return frozenset(filter(is_user_id, administrators | (_ids_of(administrators) if signs_in_by_name() else set())))


@cache
def _ids_of(names: frozenset[str]) -> frozenset[str]:
    return frozenset(map(user_id_for_name, names))
