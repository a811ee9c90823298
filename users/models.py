"""The Users table: what belongs to one user, and its queries. Each raises what `store.call` raises."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from dynamodb import store
from dynamodb.batch_loader import BatchLoader
from foundation.ids import now
from foundation.per_loop import PerLoop

from .names import is_user_id, name_key

_PROFILE, _REVISION = "profile", "revision"


@dataclass(frozen=True, slots=True)
class User:
    """Someone who has signed in at least once; `created_at` is ISO 8601, in UTC."""

    id: str
    name: str
    email: str | None
    image_url: str | None
    created_at: str

    def as_wire(self) -> dict[str, Any]:
        """Return `{"id", "name", "createdAt", "imageUrl"?}`, which every user may see; the email is private."""
        wire = {"id": self.id, "name": self.name, "createdAt": self.created_at}
        if self.image_url:
            wire["imageUrl"] = self.image_url
        return wire


class NameIndex(GlobalSecondaryIndex["UserRow"]):  # type: ignore[no-untyped-call]
    """Profiles by folded name, for search by prefix; eventually consistent."""

    class Meta:
        index_name = "item-nameKey"
        projection = AllProjection()

    item = UnicodeAttribute(hash_key=True)
    name_key = UnicodeAttribute(range_key=True, attr_name="nameKey")


class UserRow(store.Table):
    """An item of a user: `profile`, or `revision`, whose only attribute counts their `user_update` events."""

    class Meta(store.TableMeta):
        table_name = f"{settings.NAMESPACE}-Users"

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    item = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute()
    name_key = UnicodeAttribute(attr_name="nameKey")
    email = UnicodeAttribute(null=True)
    image_url = UnicodeAttribute(null=True, attr_name="imageUrl")
    created_at = UnicodeAttribute(attr_name="createdAt")
    updated_at = UnicodeAttribute(attr_name="updatedAt")
    revision = NumberAttribute(null=True)
    by_name = NameIndex()

    def as_user(self) -> User:
        return User(
            id=self.user_id, name=self.name, email=self.email, image_url=self.image_url, created_at=self.created_at
        )


TABLES = [UserRow]


_rows = PerLoop(lambda: BatchLoader(UserRow, lambda row: (row.user_id, row.item)))


async def get(user_id: str) -> User | None:
    """Return the user by a strongly consistent read, or None."""
    if not is_user_id(user_id):
        return None
    rows = await _rows().load([(user_id, _PROFILE)])
    return rows[0].as_user() if rows else None


async def get_many(user_ids: Iterable[str]) -> dict[str, User]:
    """Return the users that exist, by id, from eventually consistent reads of up to 100 keys a request."""
    keys = {(user_id, _PROFILE) for user_id in user_ids if is_user_id(user_id)}
    if not keys:
        return {}

    def read() -> dict[str, User]:
        return {row.user_id: row.as_user() for row in UserRow.batch_get(list(keys))}

    return await store.call(read)


async def create_if_absent(user_id: str, *, name: str, email: str | None = None, image_url: str | None = None) -> User:
    """Return the stored user: the new one, or the one that another process created first."""
    created_at = now()
    row = UserRow(
        user_id,
        _PROFILE,
        name=name,
        name_key=name_key(name),
        email=email,
        image_url=image_url,
        created_at=created_at,
        updated_at=created_at,
    )
    try:
        await store.call(row.save, UserRow.user_id.does_not_exist())
    except store.ConditionFailed:
        existing = await get(user_id)
        if existing is not None:
            return existing
        raise
    return row.as_user()


async def rename(user_id: str, *, name: str) -> User | None:
    """Return the renamed user, or None if there is none."""
    row = UserRow(user_id, _PROFILE)
    actions: list[Action] = [
        UserRow.name.set(name),
        UserRow.name_key.set(name_key(name)),
        UserRow.updated_at.set(now()),
    ]
    try:
        await store.call(row.update, actions, UserRow.user_id.exists())
    except store.ConditionFailed:
        return None
    return row.as_user()


async def search(prefix: str, *, limit: int) -> list[User]:
    """Return up to `limit` users whose name starts with `prefix`, regardless of case, sorted by name.

    They come from the index, which lags a little.
    """

    def read() -> list[User]:
        key = name_key(prefix)
        # PynamoDB's types do not say that this is a condition.
        condition = cast(Condition, UserRow.name_key.startswith(key)) if key else None
        rows = UserRow.by_name.query(_PROFILE, condition, limit=limit, page_size=limit)
        return [row.as_user() for row in rows]

    return await store.call(read)


async def get_revision(user_id: str) -> int:
    """Return how many changes of what belongs to the user alone were told so far, by a strongly consistent read."""
    rows = await _rows().load([(user_id, _REVISION)])
    return int(rows[0].revision or 0) if rows else 0


async def add_to_revision(user_id: str, count: int) -> int:
    """Count so many changes of what belongs to the user alone, and return the new revision."""
    row = UserRow(user_id, _REVISION)
    await store.call(lambda: row.update(actions=[UserRow.revision.add(count)]))
    return int(row.revision or 0)
