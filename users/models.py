"""The Users table: what belongs to one user, and its queries. Each raises what `store.call` raises."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from dynamodb import store
from dynamodb.batch_loader import BatchLoader
from foundation.ids import now
from foundation.per_loop import PerLoop

from .names import is_user_id, sort_key, stand_in_name

PROFILE, _REVISION = "profile", "revision"
_IMPERSONATION = "impersonation#"
# How many partitions the index of names is spread over: a search makes one query for each.
SHARDS = 4


@dataclass(frozen=True, slots=True)
class User:
    """Someone who has signed in at least once, or whom Clerk has told of; `created_at` is ISO 8601, in UTC.

    `issuer_updated_at` is the state that Clerk has told, in milliseconds since 1970, None where it has told nothing.
    Who `is_removed` keeps the name beside what they wrote, and nothing else.
    """

    id: str
    name: str
    email: str | None
    image_url: str | None
    created_at: str
    issuer_updated_at: int | None = None
    is_removed: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the name is more than the stand-in of somebody whose token has none."""
        return self.issuer_updated_at is not None or self.name != stand_in_name(self.id)

    def as_wire(self) -> dict[str, Any]:
        """Return `{"id", "name", "createdAt", "imageUrl"?}`, which every user may see; the email is private."""
        wire = {"id": self.id, "name": self.name, "createdAt": self.created_at}
        if self.image_url:
            wire["imageUrl"] = self.image_url
        return wire


@dataclass(frozen=True, slots=True)
class Impersonation:
    """A session in which somebody else, `by`, acted as the user; `since` is ISO 8601, in UTC."""

    session_id: str
    by: str
    since: str


class NameIndex(GlobalSecondaryIndex["UserRow"]):  # type: ignore[no-untyped-call]
    """Profiles by folded name, for lists and search by prefix; eventually consistent.

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

    The items `answer#<hash>` are described in `answers`; DynamoDB deletes a row after its `expires_at`.
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
    by_name = NameIndex()

    def as_user(self) -> User:
        told_at = self.issuer_updated_at
        return User(
            id=self.user_id,
            name=self.name,
            email=self.email,
            image_url=self.image_url,
            created_at=self.created_at,
            issuer_updated_at=None if told_at is None else int(told_at),
            is_removed=self.removed_at is not None,
        )


TABLES = [UserRow]
# What of a user the issuer may tell besides the name.
_ISSUERS = {"email": UserRow.email, "image_url": UserRow.image_url}


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


def index_actions(user_id: str, name: str) -> list[Action]:
    """Return the updates that put a user of this name into the index of names."""
    return [UserRow.shard.set(shard_of(user_id)), UserRow.sort_key.set(sort_key(name, user_id))]


def shard_of(user_id: str) -> str:
    """Return the partition of the index of names that the user is in."""
    return str(zlib.crc32(user_id.encode()) % SHARDS)


def profile_row(user_id: str, *, name: str, **more: Any) -> UserRow:
    """Return the row of a user who is new."""
    created_at = now()
    return UserRow(
        user_id,
        PROFILE,
        name=name,
        shard=shard_of(user_id),
        sort_key=sort_key(name, user_id),
        created_at=created_at,
        updated_at=created_at,
        **more,
    )


async def create_if_absent(
    user_id: str,
    *,
    name: str,
    email: str | None = None,
    image_url: str | None = None,
    issuer_updated_at: int | None = None,
) -> User:
    """Return the stored user: the new one, or the one that another process created first."""
    row = profile_row(user_id, name=name, email=email, image_url=image_url, issuer_updated_at=issuer_updated_at)
    try:
        await store.call(row.save, UserRow.user_id.does_not_exist())
    except store.ConditionFailed:
        existing = await get(user_id)
        if existing is not None:
            return existing
        raise
    return row.as_user()


async def rename(user_id: str, *, name: str) -> User | None:
    """Return the renamed user, or None if there is none whose name this server keeps."""
    row = UserRow(user_id, PROFILE)
    actions: list[Action] = [
        UserRow.name.set(name),
        *index_actions(user_id, name),
        UserRow.updated_at.set(now()),
    ]
    try:
        kept_here = UserRow.issuer_updated_at.does_not_exist() & UserRow.removed_at.does_not_exist()
        await store.call(row.update, actions, UserRow.user_id.exists() & kept_here)
    except store.ConditionFailed:
        return None
    return row.as_user()


async def follow_issuer(
    user_id: str, *, version: int, name: str, more: Mapping[str, str | None] | None = None
) -> User | None:
    """Return the user as the issuer tells of them, created if need be; None if a later state is known, or they left.

    `version` is when the issuer had this state, in milliseconds since 1970. `more` has the `email` and the `image_url`;
    None removes one, what it lacks stays.
    """
    row = UserRow(user_id, PROFILE)
    moment = now()
    actions: list[Action] = [
        UserRow.name.set(name),
        *index_actions(user_id, name),
        UserRow.issuer_updated_at.set(version),
        UserRow.created_at.set(UserRow.created_at | moment),
        UserRow.updated_at.set(moment),
        *(_set_or_remove(_ISSUERS[field], value) for field, value in (more or {}).items()),
    ]
    is_later = UserRow.issuer_updated_at.does_not_exist() | (UserRow.issuer_updated_at < version)
    try:
        await store.call(row.update, actions, UserRow.removed_at.does_not_exist() & is_later)
    except store.ConditionFailed:
        return None
    return row.as_user()


async def remove(user_id: str) -> User:
    """Return the user, of whom the name is left, and that they were removed: no later news brings them back."""
    row = UserRow(user_id, PROFILE)
    moment = now()
    actions: list[Action] = [
        UserRow.removed_at.set(UserRow.removed_at | moment),
        UserRow.name.set(UserRow.name | stand_in_name(user_id)),
        UserRow.created_at.set(UserRow.created_at | moment),
        UserRow.updated_at.set(moment),
        *(attribute.remove() for attribute in (UserRow.email, UserRow.image_url, UserRow.shard, UserRow.sort_key)),
    ]
    await store.call(row.update, actions)
    return row.as_user()


def _set_or_remove(attribute: UnicodeAttribute, value: str | None) -> Action:
    return attribute.remove() if value is None else attribute.set(value)


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
