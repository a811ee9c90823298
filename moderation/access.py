"""Loaders of cases that permit: one that is about the actor is missing for them, so that no reporter is told of."""

from foundation.errors import NotFound
from users.actor import Actor
from workspace.roles import require_administrator

from . import models
from .case import Case


async def require_case(*, actor: Actor, case_id: str) -> Case:
    """Return a case that the actor may decide; raises `Forbidden` unless they administer, `NotFound`."""
    require_administrator(actor)
    case = await models.find_case(case_id)
    if case is None or case.subject_id == actor.user_id:
        raise NotFound
    return case
