"""Whom somebody may name in a text."""

from foundation.errors import Invalid
from users.actor import Actor
from users.sight import seen_among
from workspace.teams import selectors as teams
from workspace.teams.ids import is_team_id

from .text.html import find_mentions
from .text.mentions import Mentions, may_mention, split_mentions

# The most people whom a guest's text names, also those whom it merely shows.
_MAX_OF_GUEST = 100


async def find_permitted_mentions(actor: Actor, content: str) -> Mentions:
    """Return whom a text names. Nothing is read but for the text of a guest who names somebody.

    Raises `Invalid` (`content`) if a guest names somebody whom they may not see, a team that they are not in, or what
    does not exist: the text would show the name.
    """
    if actor.is_guest and may_mention(content):
        named = {target[1:] for target in split_mentions(content)[1::2] if target.startswith("@")}
        if len(named) > _MAX_OF_GUEST or named - await _seen(actor, named):
            sentence = "The text names somebody who is not here for you."
            raise Invalid(sentence, fields={"content": [sentence]})
    return await find_mentions(content)


async def _seen(actor: Actor, named: set[str]) -> set[str]:
    team_ids = set(filter(is_team_id, named))
    return await seen_among(actor, named - team_ids) | await teams.seen_teams(actor=actor, team_ids=team_ids)
