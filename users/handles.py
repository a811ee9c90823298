"""Handles: a name of one's own that nobody else has, such as `ada.l`. A row for each says whose it is.

Who takes another handle keeps the former one for `KEPT_SECONDS`, so that nobody passes for them under it at once; of
several former ones, the last. The rows are deleted by their `expires_at`, or taken over after it.
"""

import re
import time
from contextlib import suppress

from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.errors import Invalid, Unavailable

from . import models
from .models import UserRow

KEPT_SECONDS = 30 * 86_400
_ITEM = "handle"
# Letters and digits of ASCII alone: nobody has to tell apart what looks alike, and any keyboard has them. A sign at the
# end would be taken for the end of a sentence.
_HANDLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,28}[A-Za-z0-9]")
# Who would be taken for the server or its operators, or for everybody.
_RESERVED = frozenset(
    (
        *("abuse", "account", "accounts", "admin", "administrator", "administrators", "admins", "all", "anonymous"),
        *("anyone", "api", "bot", "bots", "channel", "chatproject", "clerk", "deleted", "everybody", "everyone"),
        *("group", "groups", "guest", "guests", "help", "here", "host", "info", "me", "member", "members"),
        *("moderator", "moderators", "nobody", "none", "null", "official", "operator", "operators", "owner"),
        *("owners", "people", "postmaster", "profile", "root", "security", "server", "service", "somebody"),
        *("someone", "staff", "status", "support", "system", "team", "undefined", "unknown", "user", "users"),
        *("webmaster", "workspace", "you"),
    )
)


def require_handle(value: str) -> str:
    """Return the handle, without an `@` before it; raises `Invalid` with the field `handle`."""
    handle = value.strip().removeprefix("@")
    if not _HANDLE.fullmatch(handle):
        raise _invalid(
            "A handle has 2 to 30 letters (a to z), digits, dots, lines and underscores, with a letter or digit at "
            "both ends."
        )
    if re.sub("[._-]", "", key_of(handle)) in _RESERVED:
        raise _invalid("This handle is not for people.")
    return handle


def key_of(handle: str | None) -> str:
    """Return what two handles are compared by, "" without one: case does not count."""
    return (handle or "").lower()


async def require_free(handle: str, user_id: str) -> None:
    """Raise `Invalid` (`handle`) if somebody else has the handle."""
    row = (await models.load([_row_key(handle)])).get(_row_key(handle))
    if row and row.owner_id != user_id and not (row.expires_at and row.expires_at <= time.time()):
        raise _invalid("Somebody has this handle, or had it until lately.")


async def find_owner(handle: str) -> str | None:
    """Return the id of the user who has this handle, or had it until lately; None if nobody has."""
    row = (await models.load([_row_key(handle)])).get(_row_key(handle))
    return row.owner_id if row else None


def move(transaction: TransactWrite, user_id: str, *, old: str | None, new: str | None) -> None:
    """Reserve the new handle; the transaction fails if it is somebody else's. Keep the old one for a while."""
    if key_of(old) == key_of(new):
        return
    if new:
        own = UserRow.owner_id.does_not_exist() | (UserRow.owner_id == user_id)
        free = own | (UserRow.expires_at <= int(time.time()))
        taking = [UserRow.owner_id.set(user_id), UserRow.expires_at.remove()]
        transaction.update(UserRow(*_row_key(new)), actions=list(taking), condition=free)
    if old:
        expiry = UserRow.expires_at.set(int(time.time()) + KEPT_SECONDS)
        transaction.update(UserRow(*_row_key(old)), actions=[expiry], condition=UserRow.owner_id == user_id)


async def free(handle: str, user_id: str) -> None:
    """Free a former handle of the user before its time; if that fails, its row expires."""
    kept_no_more = (UserRow.owner_id == user_id) & UserRow.expires_at.exists()
    with suppress(store.ConditionFailed, Unavailable):
        await store.call(UserRow(*_row_key(handle)).delete, kept_no_more)


def _row_key(handle: str) -> tuple[str, str]:
    """Return the key of the row that says whose the handle is; no user's id has a `#`."""
    return f"handle#{key_of(handle)}", _ITEM


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"handle": [sentence]})
