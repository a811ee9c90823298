"""The sessions of accounts: since when, and where each was last seen. Whether one has ended says `users.revoked`."""

import contextlib
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.ids import iso_time

from .account import Account
from .devices import describe
from .models import same_identity, same_totp
from .provided_sessions import Origin, not_over, rows_of
from .rows import ACCOUNT, SESSION, AccountRow


@dataclass(frozen=True, slots=True)
class Session:
    """A session; `token_expires_at` is when the latest of its tokens that were seen expires, later ones may be unused.

    `origin` is by which session at the provider it began, if by one. Times are in seconds since 1970.
    """

    id: str
    user_id: str
    created_at: int
    seen_at: int
    token_expires_at: int
    address: str
    agent: str
    origin: Origin | None = None

    @property
    def ends_at(self) -> int:
        """When the session is over, however often its token was renewed."""
        return self.created_at + int(settings.SESSION_LIFETIME)

    def as_wire(self, current_id: str) -> dict[str, Any]:
        """Return `{"id", "device", "address", "since", "seenAt", "current"}`."""
        return {
            "id": self.id,
            "device": describe(self.agent),
            "address": self.address,
            "since": iso_time(self.created_at),
            "seenAt": iso_time(self.seen_at),
            "current": self.id == current_id,
        }


async def add(
    session: Session,
    account: Account,
    *,
    passkey: str | None = None,
    by_identity: bool = False,
) -> bool:
    """Store a new session, unless the account's password or second factor has changed since it was read, or its origin
    is over.

    Of several passkeys one may have come or gone meanwhile, but not the one that has proven who this is.
    `by_identity` says that the identity at the provider has: it must be linked still.
    """
    row, origin = _row(session), session.origin
    origin_rows = rows_of(origin, session.user_id, session.id, session.ends_at) if origin else []
    same = (AccountRow.password == account.password) & same_totp(account) & _passkeys(account, passkey)
    if by_identity:
        same &= same_identity(account)

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.condition_check(AccountRow, account.user_id, ACCOUNT, condition=same)
            for over, condition in not_over(origin) if origin else ():
                transaction.condition_check(AccountRow, over.user_id, over.item, condition=condition)
            for each in (row, *origin_rows):
                transaction.save(each)

    try:
        await store.call(transact)
    except store.ConditionFailed:
        return False
    return True


def _passkeys(account: Account, passkey: str | None) -> Condition:
    if passkey:
        return AccountRow.passkeys.contains(passkey)
    return AccountRow.passkeys.exists() if account.passkeys else AccountRow.passkeys.does_not_exist()


async def list_of(user_id: str) -> list[Session]:
    """Return all sessions that are stored, the latest first; some may be over."""

    def query() -> list[AccountRow]:
        return list(AccountRow.query(user_id, AccountRow.item.startswith(SESSION), consistent_read=True))

    found = [_session(row) for row in await store.call(query)]
    return sorted(found, key=lambda session: (session.created_at, session.id), reverse=True)


async def find(user_id: str, session_id: str) -> Session | None:
    """Return a session that is stored, by a consistent read."""

    def read() -> AccountRow | None:
        try:
            return AccountRow.get(user_id, f"{SESSION}{session_id}", consistent_read=True)
        except AccountRow.DoesNotExist:
            return None

    row = await store.call(read)
    return _session(row) if row else None


async def delete(user_id: str, session_id: str) -> None:
    row = AccountRow(user_id, f"{SESSION}{session_id}")
    await store.call(row.delete)


async def note_use(
    user_id: str, session_id: str, *, address: str | None, agent: str | None, token_expires_at: int
) -> bool:
    """Store where a session was seen just now, unless it has ended; return whether it was there.

    Of `address` and `agent`, None means that nobody has looked: what was stored stays.
    """
    row = AccountRow(user_id, f"{SESSION}{session_id}")
    seen: list[Action] = [AccountRow.seen_at.set(int(time.time()))]
    if address is not None:
        seen.append(AccountRow.address.set(address))
    if agent is not None:
        seen.append(AccountRow.agent.set(agent) if agent else AccountRow.agent.remove())
    is_later = AccountRow.user_id.exists() & (AccountRow.token_expires_at < token_expires_at)
    renewed: list[Action] = [*seen, AccountRow.token_expires_at.set(token_expires_at)]
    for actions, condition in ((renewed, is_later), (seen, AccountRow.user_id.exists())):
        with contextlib.suppress(store.ConditionFailed):
            await store.call(partial(row.update, actions, condition))
            return True
    return False


def _row(session: Session) -> AccountRow:
    origin = session.origin
    return AccountRow(
        session.user_id,
        f"{SESSION}{session.id}",
        created_at=session.created_at,
        seen_at=session.seen_at,
        token_expires_at=session.token_expires_at,
        address=session.address,
        agent=session.agent or None,
        expires_at=session.ends_at + settings.TOKEN_LEEWAY,
        subject=origin.subject if origin else None,
        provider_session=origin.session if origin else None,
    )


def _session(row: AccountRow) -> Session:
    return Session(
        id=row.item.removeprefix(SESSION),
        user_id=row.user_id,
        created_at=int(row.created_at or 0),
        seen_at=int(row.seen_at or 0),
        token_expires_at=int(row.token_expires_at or 0),
        address=row.address or "",
        agent=row.agent or "",
        origin=Origin(row.subject, row.provider_session, float(row.created_at or 0)) if row.subject else None,
    )
