"""Arranging one's sections: all are written at once, so that no device overwrites what it has not seen."""

from collections.abc import Mapping, Sequence
from typing import Any

from dynamodb import store
from foundation.errors import Invalid, VersionConflict
from foundation.ids import new_id
from foundation.limits import bucket
from users.actor import Actor
from users.events import UserUpdated
from users.updates import user_updates

from . import models
from .models import Section, Sections


async def write_sections(*, actor: Actor, sections: Sequence[Mapping[str, Any]], if_version: int) -> Sections:
    """Replace the actor's sections by these, in their order, and return them; the actor's connections are told.

    Each is {"id"?, "name", "collapsed"?}; without an id it is a new one. `if_version` is the version that the device
    has seen last, 0 for none. Groups of a section that is left out are in none from then on. Raises `VersionConflict`
    if another device was faster, `Invalid` (`sections`) for an id that is not one of theirs, or is there twice,
    `RateLimited`, `Unavailable`.
    """
    bucket.draw("message", actor.user_id)
    stored = await models.get(actor.user_id)
    if stored.version != if_version:
        return _require_written(actor, stored, sections)
    _require_ids(sections, {section.id for section in stored.sections})
    wanted = [
        Section(given.get("id") or new_id("section", 8), given["name"], given.get("collapsed", False))
        for given in sections
    ]
    try:
        written = await models.put(actor.user_id, wanted, version=if_version)
    except store.ConditionFailed:
        return _require_written(actor, await models.get(actor.user_id), sections)
    user_updates().tell(actor.user_id, UserUpdated.SECTIONS, written.as_wire())
    return written


def _require_ids(sections: Sequence[Mapping[str, Any]], known: set[str]) -> None:
    ids = [given["id"] for given in sections if given.get("id")]
    if len(ids) != len(set(ids)) or not known.issuperset(ids):
        sentence = "An id is that of a section of yours, which is there once; a new one has none."
        raise Invalid(sentence, fields={"sections": [sentence]})


def _require_written(actor: Actor, stored: Sections, sections: Sequence[Mapping[str, Any]]) -> Sections:
    """Return what is stored if it is this already, by the same write whose response was lost."""
    same = len(stored.sections) == len(sections) and all(
        (given.get("id") or there.id, given["name"], given.get("collapsed", False))
        == (there.id, there.name, there.collapsed)
        for given, there in zip(sections, stored.sections, strict=True)
    )
    if not same:
        raise VersionConflict("Your sections were changed on another device: read them again.")
    # It may not have been told.
    user_updates().tell(actor.user_id, UserUpdated.SECTIONS, stored.as_wire())
    return stored
