"""Which sessions here began by which session at the provider, so that they end when that one does.

Two rows a session in one partition: found by the provider's user, and by its session. DynamoDB deletes them some time
after the session is over.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from dynamodb import store

from .rows import PROVIDED, AccountRow

_SUBJECT, _SESSION = "subject#", "session#"
_MAX_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Origin:
    """Digests of what the provider calls its user (`sub`) and their session there (`sid`), None if it does not say."""

    subject: str
    session: str | None


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


async def _rows(prefix: str) -> list[AccountRow]:
    def query() -> list[AccountRow]:
        return list(AccountRow.query(PROVIDED, AccountRow.item.startswith(prefix), consistent_read=True))

    return await store.call(query)
