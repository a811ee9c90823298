"""Which sessions here began by which session at the provider, so that they end when that one does.

Two rows a session in one partition: found by the provider's user, and by its session. DynamoDB deletes them some time
after the session is over.

Who signs out at the provider may be on their way in here: asked for a second factor, say. So that this is noted too,
for longer than anybody is on their way, and a session that begins looks at it in its own transaction.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from dynamodb import store

from .rows import LOGOUTS, OVER, PROVIDED, AccountRow

_SUBJECT, _SESSION, _UNNAMED = "subject#", "session#", "unnamed#"
# A visit at the provider is taken after 15 minutes at most, and a second factor 5 minutes after it. In seconds.
_OVER_SECONDS = 1800
_MAX_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Origin:
    """Digests of what the provider calls its user (`sub`) and their session there (`sid`), None if it does not say.

    `at` is when the provider was asked, in seconds since 1970: it says nothing of what came later.
    """

    subject: str
    session: str | None
    at: float = 0.0


def origin_of(claims: Mapping[str, Any]) -> Origin:
    """Return where the verified claims of an ID token come from."""
    sid = claims.get("sid")
    return Origin(digest_of(claims["sub"]), digest_of(sid) if isinstance(sid, str) and sid else None)


def digest_of(value: str) -> str:
    return hashlib.sha256(f"{settings.OIDC_ISSUER}\n{value}".encode()).hexdigest()[:40]


def rows_of(origin: Origin, user_id: str, session_id: str, ends_at: int) -> list[AccountRow]:
    """Return the rows that are stored with a session, which is over at `ends_at`."""
    items = [f"{_SUBJECT}{origin.subject}", *([f"{_SESSION}{origin.session}"] if origin.session else [])]
    return [
        AccountRow(
            PROVIDED,
            f"{item}#{session_id}",
            holder=user_id,
            expires_at=ends_at + settings.TOKEN_LEEWAY,
            subject=origin.subject,
            provider_session=origin.session,
        )
        for item in items
    ]


async def find(subject: str | None, session: str | None) -> set[tuple[str, str]]:
    """Return (user id, session id) of the sessions that end with one at the provider, given by digests.

    Without a `session` those are all of its user; with one, those of it, and those of the user of which the
    provider did not say to which they belong.
    """
    rows = await _rows(f"{_SESSION}{session}#") if session else []
    if subject:
        # Of another user there would be no such session.
        rows = [row for row in rows if row.subject == subject]
        rows += [row for row in await _rows(f"{_SUBJECT}{subject}#") if session is None or row.provider_session is None]
    return {(row.holder or "", row.item.rpartition("#")[2]) for row in rows}


async def note_over(subject: str | None, session: str | None) -> None:
    """Note that what `find` would return is over, for sessions that have yet to begin; before those are ended."""
    unnamed = [f"{_UNNAMED}{subject}"] if subject else []
    items = [f"{_SESSION}{session}", *unnamed] if session else [f"{_SUBJECT}{subject}"]
    now = time.time()
    for item in items:
        row = AccountRow(LOGOUTS, f"{OVER}{item}", created_at=now, expires_at=int(now) + _OVER_SECONDS, subject=subject)
        await store.call(row.save)


def not_over(origin: Origin) -> list[tuple[AccountRow, Any]]:
    """Return rows, each with the condition that it meets unless the origin is over since the provider was asked."""
    is_open = AccountRow.created_at.does_not_exist() | (AccountRow.created_at < origin.at)
    is_of_another = AccountRow.subject.exists() & (AccountRow.subject != origin.subject)
    return [(AccountRow(LOGOUTS, item), is_open | is_of_another) for item in _over_items(origin)]


async def is_over(origin: Origin) -> bool:
    """Return whether the origin is over since the provider was asked, by consistent reads."""

    def read() -> list[AccountRow]:
        keys = [(LOGOUTS, item) for item in _over_items(origin)]
        return list(AccountRow.batch_get(keys, consistent_read=True))

    return any(
        float(row.created_at or 0) >= origin.at and row.subject in (None, origin.subject)
        for row in await store.call(read)
    )


def _over_items(origin: Origin) -> list[str]:
    own = f"{_SESSION}{origin.session}" if origin.session else f"{_UNNAMED}{origin.subject}"
    return [f"{OVER}{_SUBJECT}{origin.subject}", f"{OVER}{own}"]


async def _rows(prefix: str) -> list[AccountRow]:
    def query() -> list[AccountRow]:
        return list(AccountRow.query(PROVIDED, AccountRow.item.startswith(prefix), consistent_read=True))

    return await store.call(query)
