"""Whom a message names, as its log's entry holds it: ids of people, `!` and the id of a team, `!all` and `!here`."""

from collections.abc import Collection, Iterable
from typing import Any

from groups.log.entry import Entry, user_ids_of
from workspace.teams.ids import is_team_id

from .text.mentions import ALL, HERE


def first_named_by(entry: Entry) -> set[str]:
    """Return the ids of those whom a message named when it was sent, whatever was done to it since."""
    return user_ids_of(entry.mentions or ()) if (entry.version or 1) == 1 else set(entry.first_named or ())


def mentions_as_wire(mentions: Collection[str], directly: Iterable[str] = ()) -> dict[str, Any]:
    """Return whom a message names in wire form: {userIds, teamIds?, all?, here?}.

    Where it names teams, `userIds` are those whom it names `directly`: a team may have a thousand people.
    """
    team_ids = team_ids_of(mentions)
    wire: dict[str, Any] = {"userIds": sorted(directly if team_ids else user_ids_of(mentions))}
    if team_ids:
        wire["teamIds"] = team_ids
    return wire | {target[1:]: True for target in (ALL, HERE) if target in mentions}


def team_ids_of(mentions: Iterable[str]) -> list[str]:
    """Return the ids of the teams among those whom an entry names, sorted."""
    return sorted(target[1:] for target in mentions if target.startswith("!") and is_team_id(target[1:]))


def named_directly(mentions: Iterable[str], directly: Collection[str]) -> set[str] | None:
    """Return what an entry notes of those whom a text names by themselves: only where it names a team too."""
    return (set(directly) or None) if team_ids_of(mentions) else None
