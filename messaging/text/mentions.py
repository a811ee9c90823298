"""Mentions in a message's source: `<@userId>`, `<@teamId>`, `<!all>` and `<!here>`; a rename does not change them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from workspace.teams.ids import is_team_id

# How many people, and how many teams, one message names at most; the others are shown by name, and not told.
MAX_NAMED, MAX_TEAMS = 50, 5
ALL, HERE = "!all", "!here"
# An id is what `users.names.is_user_id` takes, a user's or a team's.
_MENTION = re.compile(r"<(@[A-Za-z0-9_.:|@+-]{1,128}|!all|!here)>")


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom a source names: ids of users and teams in their order, whether or not they exist; all, or all who are here.

    `people` has who is in each of the teams, once it was looked up.
    """

    user_ids: tuple[str, ...] = ()
    all: bool = False
    here: bool = False
    team_ids: tuple[str, ...] = ()
    people: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.user_ids or self.team_ids or self.all or self.here)

    @property
    def names_everybody(self) -> bool:
        return self.all or self.here

    @classmethod
    def of(cls, targets: list[str]) -> "Mentions":
        """Return the mentions of these targets: `@userId`, `@teamId`, `!all` or `!here`."""
        ids = dict.fromkeys(target[1:] for target in targets if target.startswith("@"))
        user_ids = [id_ for id_ in ids if not is_team_id(id_)]
        team_ids = filter(is_team_id, ids)
        return cls(tuple(user_ids[:MAX_NAMED]), ALL in targets, HERE in targets, tuple(team_ids)[:MAX_TEAMS])


NOBODY = Mentions()


def may_mention(source: str) -> bool:
    """Return whether a source may name somebody; most do not, and need not be parsed to know it."""
    return ("<@" in source or "<!" in source) and _MENTION.search(source) is not None


def split_mentions(text: str) -> list[str]:
    """Return texts and targets by turns, beginning and ending with a text."""
    return _MENTION.split(text)


def use_mentions(parser: MarkdownIt) -> None:
    """Have a parser make a token `mention` of each, whose content is its target."""
    parser.inline.ruler.before("autolink", "mention", _mention)


def _mention(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "<":
        return False
    match = _MENTION.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        state.push("mention", "", 0).content = match.group(1)
    state.pos = match.end()
    return True
