"""Reads of a person's own sections. Each raises `Unavailable` while DynamoDB is down."""

from foundation.errors import Invalid
from users.actor import Actor

from . import models
from .models import Sections


async def get_sections(*, actor: Actor) -> Sections:
    """Return the actor's sections, by one consistent read."""
    return await models.get(actor.user_id)


async def require_section(*, actor: Actor, section_id: str) -> str:
    """Return the id if it is that of one of the actor's sections; raises `Invalid` (`sectionId`)."""
    found = await models.get(actor.user_id)
    if section_id not in [section.id for section in found.sections]:
        sentence = "You have no such section."
        raise Invalid(sentence, fields={"sectionId": [sentence]})
    return section_id
