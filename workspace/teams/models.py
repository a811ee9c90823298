"""A team's rows in the Users table, under its id, and their queries. Each raises what `store.call` raises.

`team` is the team without its people, `people` has who is in it and who of them manages it, `key#<n>` the keys that it
is found by; `version` of the row `team` counts the changes of all of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.ids import new_id, now
from users import handles, models, name_search
from users.folding import fold
from users.models import UserRow
from users.names import sort_key

from .ids import PREFIX, is_team_id

MANAGER, MEMBER = ROLES = ("manager", "member")
MAX_PEOPLE = 1000
_TEAM, _PEOPLE = "team", "people"
# The partitions of the index of names that have the teams, and the keys that they are found by.
_LISTED, _KEYED = "team", "teamkey"
# What is read of the index, with the people of each, for somebody who sees their own teams alone.
_PAGES, _PAGE = 10, 50


@dataclass(frozen=True, slots=True)
class Team:
    """A team, without its people; `size` is how many they are, `created_at` ISO 8601, in UTC."""

    id: str
    handle: str
    name: str
    description: str
    created_at: str
    size: int = 0
    version: int = 0
    former_handle: str | None = None
    key_count: int = 0

    def as_wire(self) -> dict[str, Any]:
        """Return {"id", "handle", "name", "description", "memberCount", "createdAt"}."""
        return {
            "id": self.id,
            "handle": self.handle,
            "name": self.name,
            "description": self.description,
            "memberCount": self.size,
            "createdAt": self.created_at,
        }


@dataclass(frozen=True, slots=True)
class People:
    """The ids of who is in a team, and of those of them who manage it."""

    members: frozenset[str] = frozenset()
    managers: frozenset[str] = frozenset()

    def role_of(self, user_id: str) -> str | None:
        if user_id in self.managers:
            return MANAGER
        return MEMBER if user_id in self.members else None

    def with_role(self, user_ids: Iterable[str], role: str | None) -> "People":
        """Return the people with these in a role; None: without these."""
        ids = set(user_ids)
        members = self.members - ids if role is None else self.members | ids
        return People(members, self.managers | ids if role == MANAGER else self.managers - ids)


def new_team(*, handle: str, name: str, description: str) -> Team:
    return Team(PREFIX + new_id("", 16)[1:], handle, name, description, now())


# --- queries ---------------------------------------------------------------------------------------------------------
async def find_team(team_id: str) -> tuple[Team, People] | None:
    """Return a team with its people, or None, by strongly consistent reads, as all queries here are but `search`."""
    return (await find_teams_with_people([team_id])).get(team_id)


async def find_teams(team_ids: Iterable[str]) -> dict[str, Team]:
    """Return those of these teams that exist, by id."""
    rows = await models.load((team_id, _TEAM) for team_id in team_ids if is_team_id(team_id))
    return {row.user_id: _to_team(row) for row in rows.values()}


async def find_teams_with_people(team_ids: Iterable[str]) -> dict[str, tuple[Team, People]]:
    ids = [team_id for team_id in dict.fromkeys(team_ids) if is_team_id(team_id)]
    rows = await models.load((team_id, item) for team_id in ids for item in (_TEAM, _PEOPLE))
    return {
        team_id: (_to_team(rows[team_id, _TEAM]), _to_people(rows.get((team_id, _PEOPLE))))
        for team_id in ids
        if (team_id, _TEAM) in rows
    }


async def search(query: str, *, limit: int, after: str | None) -> tuple[list[Team], str | None]:
    """Return teams found by the beginning of their name, a word of it or their handle, and the last key if more follow.

    Without a query all, by name. The index lags a little.
    """
    prefix = name_search.prefix_of(query)
    rows = await name_search.find_rows([_KEYED if prefix else _LISTED], prefix, limit + 1, after)
    page = rows[:limit]
    known = await find_teams(row.user_id for row in page)
    teams = [known[row.user_id] for row in page if row.user_id in known]
    return teams, page[-1].sort_key if len(rows) > limit else None


async def search_of(user_id: str, query: str, *, limit: int, after: str | None) -> tuple[list[Team], str | None]:
    """Return, as `search` does, teams that somebody is in; the last key is that of one of them.

    Of very many teams that begin so, some pages are read.
    """
    prefix, place = name_search.prefix_of(query), after
    keyed: dict[str, Team] = {}
    for _ in range(_PAGES):
        rows = await name_search.find_rows([_KEYED if prefix else _LISTED], prefix, _PAGE, place)
        known = await find_teams_with_people(row.user_id for row in rows)
        for row in rows:
            if row.user_id in known and known[row.user_id][1].role_of(user_id):
                keyed[row.sort_key] = known[row.user_id][0]
        if len(rows) < _PAGE or len(keyed) > limit:
            break
        place = rows[-1].sort_key
    page = list(keyed)[:limit]
    return [keyed[key] for key in page], page[-1] if len(keyed) > limit else None


def _to_team(row: UserRow) -> Team:
    return Team(
        id=row.user_id,
        handle=row.handle or "",
        name=row.name,
        description=row.description or "",
        created_at=row.created_at,
        size=int(row.member_count or 0),
        version=int(row.version or 0),
        former_handle=row.former_handle,
        key_count=int(row.key_count or 0),
    )


def _to_people(row: UserRow | None) -> People:
    return People(frozenset(row.members or ()), frozenset(row.managers or ())) if row else People()


# --- writes ----------------------------------------------------------------------------------------------------------
async def put(team: Team, people: People, *, before: Team | None = None) -> Team:
    """Write a team and its people in place of `before`, None for one that is new, and return it.

    Raises `ConditionFailed` if it has changed since, or the handle is somebody else's.
    """
    keys = [*models.key_rows(team.id, team.name, team.handle, shard=_KEYED)]
    written = replace(team, size=len(people.members), version=team.version + 1, key_count=len(keys))
    if before and handles.key_of(before.handle) != handles.key_of(team.handle):
        written = replace(written, former_handle=handles.key_of(before.handle))

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.update(UserRow(team.id, _TEAM), actions=_actions(written), condition=_is_as(before))
            _write_people(transaction, team.id, people)
            if before is None or (before.name, before.handle) != (team.name, team.handle):
                for key in keys:
                    transaction.save(key)
                for surplus in models.surplus_key_rows(team.id, len(keys), before.key_count if before else 0):
                    transaction.delete(surplus)
            handles.move(transaction, team.id, old=before.handle if before else None, new=team.handle)

    await store.call(transact)
    return written


async def delete(team: Team) -> None:
    """Delete a team as it was read; its handle stays reserved for a while, as those of people do."""

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.delete(UserRow(team.id, _TEAM), condition=_is_as(team))
            transaction.delete(UserRow(team.id, _PEOPLE))
            for key in models.surplus_key_rows(team.id, 0, team.key_count):
                transaction.delete(key)
            handles.move(transaction, team.id, old=team.handle, new=None)

    await store.call(transact)


def _actions(team: Team) -> list[Action]:
    former = UserRow.former_handle.set(team.former_handle) if team.former_handle else UserRow.former_handle.remove()
    return [
        UserRow.name.set(team.name),
        UserRow.handle.set(team.handle),
        UserRow.description.set(team.description) if team.description else UserRow.description.remove(),
        UserRow.created_at.set(team.created_at),
        UserRow.updated_at.set(now()),
        UserRow.member_count.set(team.size),
        UserRow.version.set(team.version),
        UserRow.key_count.set(team.key_count),
        UserRow.shard.set(_LISTED),
        UserRow.sort_key.set(sort_key(fold(team.name), team.id)),
        former,
    ]


def _write_people(transaction: TransactWrite, team_id: str, people: People) -> None:
    actions: list[Action] = [
        attribute.set(set(ids)) if ids else attribute.remove()
        for attribute, ids in ((UserRow.members, people.members), (UserRow.managers, people.managers))
    ]
    transaction.update(UserRow(team_id, _PEOPLE), actions=actions)


def _is_as(before: Team | None) -> Any:
    return UserRow.version.does_not_exist() if before is None else UserRow.version == before.version
