"""The Users table: what belongs to one user, and its queries. Each raises what `store.call` raises."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from dynamodb import store
from dynamodb.batch_loader import BatchLoader
from foundation.ids import now
from foundation.per_loop import PerLoop

from .folding import fold, keys_of
from .names import is_user_id, sort_key
from .user import AUTO, BROWSER, EVERYONE, SYSTEM, CustomStatus, Preferences, User, picture_url

PROFILE, _REVISION, _KEY = "profile", "revision", "key#"
_IMPERSONATION = "impersonation#"
# How many partitions the index of names is spread over: a search makes one query for each. It has as many for the
# profiles, of which there is one a person, and for the keys that people are found by, of which there are several.
SHARDS = 4
_KEY_SHARD = "key"
# Where a profile is in the index: in the list of all, in that of people who are deactivated, or in none.
LISTED, ASIDE, NOWHERE = "listed", "aside", "nowhere"


@dataclass(frozen=True, slots=True)
class Impersonation:
    """A session in which somebody else, `by`, acted as the user; `since` is ISO 8601, in UTC."""

    session_id: str
    by: str
    since: str


class NameIndex(GlobalSecondaryIndex["UserRow"]):  # type: ignore[no-untyped-call]
    """Profiles by folded name, for lists, and the keys that people are found by; eventually consistent.

    One partition serves 3,000 reads a second, however many users there are: the index has `SHARDS` of them, and what is
    read of each is merged (docs/decisions/0019).
    """

    class Meta:
        index_name = "names"
        projection = AllProjection()

    shard = UnicodeAttribute(hash_key=True, attr_name="nameShard")
    sort_key = UnicodeAttribute(range_key=True, attr_name="nameSort")


class UserRow(store.Table):
    """An item of a user: `profile`, `revision`, which counts their `user_update` events, or an impersonation.

    `key#<n>` is a key that the user is found by, with the name and the handle that it was made of; a profile says of
    which name, and how many they are. The items `answer#<hash>` are described in `answers`, rows that say whose a
    handle is in `handles`, `inbox#...` in `messaging.inbox.rows`, `draft#<groupId>` and `saved#<messageId>` in
    `messaging/drafts` and `messaging/saved`, `sections` in `groups/sections`, `blocked#<userId>` in `blocks`, who owns
    the workspace in `standings`, `notice...` in `moderation/rows.py`, and those of a team, whose id is in the place of
    a user's, in `workspace.teams.models`; DynamoDB deletes a row after its `expires_at`.
    """

    class Meta(store.TableMeta):
        table_name = f"{settings.NAMESPACE}-Users"

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    item = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute()
    shard = UnicodeAttribute(attr_name="nameShard")
    sort_key = UnicodeAttribute(attr_name="nameSort")
    email = UnicodeAttribute(null=True)
    image_url = UnicodeAttribute(null=True, attr_name="imageUrl")
    created_at = UnicodeAttribute(attr_name="createdAt")
    updated_at = UnicodeAttribute(attr_name="updatedAt")
    revision = NumberAttribute(null=True)
    digest = UnicodeAttribute(null=True)
    claim = UnicodeAttribute(null=True)
    claimed_at = NumberAttribute(null=True, attr_name="claimedAt")
    answer = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True, attr_name="expiresAt")
    issuer_updated_at = NumberAttribute(null=True, attr_name="issuerUpdatedAt")
    removed_at = UnicodeAttribute(null=True, attr_name="removedAt")
    impersonated_by = UnicodeAttribute(null=True, attr_name="impersonatedBy")
    seq = NumberAttribute(null=True)
    parent_seq = NumberAttribute(null=True, attr_name="parentSeq")
    actor_id = UnicodeAttribute(null=True, attr_name="actorId")
    emoji = UnicodeAttribute(null=True)
    read_at = UnicodeAttribute(null=True, attr_name="readAt")
    group_id = UnicodeAttribute(null=True, attr_name="groupId")
    parent_id = UnicodeAttribute(null=True, attr_name="parentId")
    content = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)
    saved_count = NumberAttribute(null=True, attr_name="savedCount")
    handle = UnicodeAttribute(null=True)
    former_handle = UnicodeAttribute(null=True, attr_name="formerHandle")
    owner_id = UnicodeAttribute(null=True, attr_name="ownerId")
    keyed_name = UnicodeAttribute(null=True, attr_name="keyedName")
    key_count = NumberAttribute(null=True, attr_name="keyCount")
    title = UnicodeAttribute(null=True)
    time_zone = UnicodeAttribute(null=True, attr_name="timeZone")
    status_emoji = UnicodeAttribute(null=True, attr_name="statusEmoji")
    status_text = UnicodeAttribute(null=True, attr_name="statusText")
    status_until = UnicodeAttribute(null=True, attr_name="statusUntil")
    picture_id = UnicodeAttribute(null=True, attr_name="pictureId")
    addable_by = UnicodeAttribute(null=True, attr_name="addableBy")
    theme = UnicodeAttribute(null=True)
    enter_key = UnicodeAttribute(null=True, attr_name="enterKey")
    language = UnicodeAttribute(null=True)
    role = UnicodeAttribute(null=True)
    deactivated_at = UnicodeAttribute(null=True, attr_name="deactivatedAt")
    tokens_from = NumberAttribute(null=True, attr_name="tokensFrom")
    standing = NumberAttribute(null=True)
    owners = UnicodeSetAttribute(null=True)
    description = UnicodeAttribute(null=True)
    members = UnicodeSetAttribute(null=True)
    managers = UnicodeSetAttribute(null=True)
    member_count = NumberAttribute(null=True, attr_name="memberCount")
    intervals = JSONAttribute(null=True)
    by_name = NameIndex()

    def as_user(self) -> User:
        told_at = self.issuer_updated_at
        return User(
            id=self.user_id,
            name=self.name,
            email=self.email,
            image_url=self.image_url or (picture_url(self.user_id, self.picture_id) if self.picture_id else None),
            created_at=self.created_at,
            issuer_updated_at=None if told_at is None else int(told_at),
            is_removed=self.removed_at is not None,
            handle=self.handle,
            title=self.title,
            time_zone=self.time_zone,
            status=self._status(),
            picture_id=self.picture_id,
            is_indexed=self.keyed_name == self.name,
            addable_by=self.addable_by or EVERYONE,
            preferences=Preferences(self.theme or SYSTEM, self.enter_key or AUTO, self.language or BROWSER),
            stored_role=self.role,
            is_deactivated=self.deactivated_at is not None,
            tokens_from=int(self.tokens_from or 0),
            standing=int(self.standing or 0),
        )

    def _status(self) -> CustomStatus | None:
        has_any = self.status_emoji or self.status_text
        return CustomStatus(self.status_emoji, self.status_text, self.status_until) if has_any else None


TABLES = [UserRow]


_rows = PerLoop(lambda: BatchLoader(UserRow, lambda row: (row.user_id, row.item)))


async def get(user_id: str) -> User | None:
    """Return the user by a strongly consistent read, or None."""
    if not is_user_id(user_id):
        return None
    rows = await _rows().load([(user_id, PROFILE)])
    return rows[0].as_user() if rows else None


async def get_many(user_ids: Iterable[str], *, consistent: bool = False) -> dict[str, User]:
    """Return the users that exist, by id, from reads of up to 100 keys a request; eventually consistent by default."""
    keys = {(user_id, PROFILE) for user_id in user_ids if is_user_id(user_id)}
    if not keys:
        return {}
    if consistent:
        return {row.user_id: row.as_user() for row in await _rows().load(keys)}

    def read() -> dict[str, User]:
        return {row.user_id: row.as_user() for row in UserRow.batch_get(list(keys))}

    return await store.call(read)


def place_actions(user_id: str, name: str, place: str) -> list[Action]:
    """Return the updates that put a user of this name into a list, or `NOWHERE`."""
    if place == NOWHERE:
        return [UserRow.shard.remove(), UserRow.sort_key.remove()]
    shard = shard_of(user_id) if place == LISTED else ASIDE
    return [UserRow.shard.set(shard), UserRow.sort_key.set(sort_key(fold(name), user_id))]


def shard_of(user_id: str) -> str:
    """Return the partition of the index of names that the user is in."""
    return str(zlib.crc32(user_id.encode()) % SHARDS)


def key_shard(number: int | str) -> str:
    """Return the partition that has the keys of the users of a partition."""
    return f"{_KEY_SHARD}{number}"


def profile_row(user_id: str, *, name: str, **more: Any) -> UserRow:
    """Return the row of a user who is new."""
    created_at = now()
    return UserRow(
        user_id,
        PROFILE,
        name=name,
        shard=shard_of(user_id),
        sort_key=sort_key(fold(name), user_id),
        created_at=created_at,
        updated_at=created_at,
        **more,
    )


def key_rows(user_id: str, name: str, handle: str | None = None, *, shard: str | None = None) -> list[UserRow]:
    """Return the rows of the keys that a user is found by; what is no user has a `shard` of its own."""
    shard, moment = shard or key_shard(shard_of(user_id)), now()
    return [
        UserRow(
            user_id,
            f"{_KEY}{number}",
            name=name,
            handle=handle,
            shard=shard,
            sort_key=place,
            created_at=moment,
            updated_at=moment,
        )
        for number, place in enumerate(places_of(user_id, name, handle))
    ]


def places_of(user_id: str, name: str, handle: str | None) -> list[str]:
    """Return where the keys of a user are among those of all, as sort keys."""
    # Among equal keys, those who are called so come before those of whose name it is a word.
    whole = (fold(name), fold(handle or ""))
    return [sort_key(key, f"{0 if key in whole else 1}{user_id}") for key in keys_of(name, handle)]


def surplus_key_rows(user_id: str, kept: int, count: float | None) -> list[UserRow]:
    """Return the rows of a user's keys from the number `kept` on, where there were `count`."""
    return [UserRow(user_id, f"{_KEY}{number}") for number in range(kept, int(count or 0))]


async def load(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], UserRow]:
    """Return those of the rows that exist, by user id and item, by one strongly consistent read."""
    return {(row.user_id, row.item): row for row in await _rows().load(list(keys))}


async def get_revision(user_id: str) -> int:
    """Return how many changes of what belongs to the user alone were told so far, by a strongly consistent read."""
    rows = await _rows().load([(user_id, _REVISION)])
    return int(rows[0].revision or 0) if rows else 0


async def add_to_revision(user_id: str, count: int) -> int:
    """Count so many changes of what belongs to the user alone, and return the new revision."""
    row = UserRow(user_id, _REVISION)
    await store.call(lambda: row.update(actions=[UserRow.revision.add(count)]))
    return int(row.revision or 0)


async def add_impersonation(user_id: str, session_id: str, *, by: str) -> None:
    """Store that somebody acts as the user in this session; repeated, it keeps the time of the first."""
    row = UserRow(user_id, f"{_IMPERSONATION}{session_id}")
    since = UserRow.created_at.set(UserRow.created_at | now())
    await store.call(row.update, [UserRow.impersonated_by.set(by), since])


async def list_impersonations(user_id: str) -> list[Impersonation]:
    """Return the sessions in which others acted as the user, the oldest first."""

    def query() -> list[UserRow]:
        return list(UserRow.query(user_id, UserRow.item.startswith(_IMPERSONATION), consistent_read=True))

    found = [
        Impersonation(row.item.removeprefix(_IMPERSONATION), row.impersonated_by or "", row.created_at)
        for row in await store.call(query)
    ]
    return sorted(found, key=lambda each: each.since)
