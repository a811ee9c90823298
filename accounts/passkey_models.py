"""The passkeys of accounts, and their queries. One that its account does not name is void."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.ids import iso_time

from .account import Account
from .ceremonies import SECONDS, Ceremony
from .models import same_passkeys, same_totp, succeeds
from .rows import ACCOUNT, CEREMONY, PASSKEY, TOLD, AccountRow

# Of one account.
MAX_PASSKEYS = 20


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey; `credential` and `public_key` are base64url. Times are in seconds since 1970, `used_at` 0 if never."""

    id: str
    user_id: str
    name: str
    credential: str
    public_key: str
    sign_count: int
    transports: frozenset[str]
    is_synced: bool
    created_at: int
    used_at: int = 0

    def as_wire(self) -> dict[str, Any]:
        """Return `{"id", "name", "synced", "createdAt", "usedAt"?}`."""
        wire: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "synced": self.is_synced,
            "createdAt": iso_time(self.created_at),
        }
        return wire | ({"usedAt": iso_time(self.used_at)} if self.used_at else {})


async def list_of(account: Account) -> list[Passkey]:
    """Return the passkeys that the account names, the oldest first, by strongly consistent reads."""

    def query() -> list[AccountRow]:
        return list(AccountRow.query(account.user_id, AccountRow.item.startswith(PASSKEY), consistent_read=True))

    found = [_passkey(row) for row in await store.call(query)]
    return sorted((each for each in found if each.id in account.passkeys), key=lambda each: (each.created_at, each.id))


async def get(account: Account, passkey_id: str) -> Passkey | None:
    return next((passkey for passkey in await list_of(account) if passkey.id == passkey_id), None)


async def add(passkey: Passkey, account: Account, ceremony: Ceremony, *, recovery: set[str] | None) -> bool:
    """Store a passkey, with the digests of recovery codes where it is the first second factor, all or nothing.

    False if the second factor has changed since the account was read, the challenge was answered before, or the
    account has this passkey already.
    """
    row = AccountRow(
        passkey.user_id,
        f"{PASSKEY}{passkey.id}",
        name=passkey.name,
        credential=passkey.credential,
        public_key=passkey.public_key,
        sign_count=passkey.sign_count,
        transports=set(passkey.transports) or None,
        is_synced=passkey.is_synced,
        created_at=passkey.created_at,
    )
    actions: list[Action] = [AccountRow.passkeys.add({passkey.id})]
    if recovery is not None:
        actions.append(AccountRow.recovery.set(recovery))
    same = same_totp(account) & same_passkeys(account)

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.update(AccountRow(account.user_id, ACCOUNT), actions=actions, condition=same)
            # In place of a void one of the same authenticator.
            transaction.save(row)
            _take(transaction, account.user_id, ceremony)

    return await succeeds(transact)


async def use(passkey: Passkey, ceremony: Ceremony, *, sign_count: int) -> bool:
    """Note that a passkey was used, and that the challenge was answered, all or nothing.

    False if the challenge was answered before, the passkey is void by now, or was used meanwhile with a later count.
    """
    row = AccountRow(passkey.user_id, f"{PASSKEY}{passkey.id}")
    actions: list[Action] = [AccountRow.seen_at.set(int(time.time())), AccountRow.sign_count.set(sign_count)]
    same = AccountRow.public_key == passkey.public_key
    grown = AccountRow.sign_count < sign_count if sign_count else AccountRow.sign_count == 0

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            named = AccountRow.passkeys.contains(passkey.id)
            transaction.condition_check(AccountRow, passkey.user_id, ACCOUNT, condition=named)
            transaction.update(row, actions=actions, condition=same & grown)
            _take(transaction, passkey.user_id, ceremony)

    return await succeeds(transact)


async def remove(passkey_id: str, account: Account) -> bool:
    """Void a passkey, and the recovery codes if nothing is left that they stand in for, and delete its row.

    False if the second factor has changed since the account was read.
    """
    actions: list[Action] = [AccountRow.passkeys.delete({passkey_id})]
    if account.passkeys == {passkey_id} and account.totp is None:
        actions.append(AccountRow.recovery.remove())
    same = same_totp(account) & same_passkeys(account)

    def update() -> None:
        AccountRow(account.user_id, ACCOUNT).update(actions, same)

    if not await succeeds(update):
        return False
    await delete_void(account.user_id, [passkey_id])
    return True


async def delete_void(user_id: str, passkey_ids: Iterable[str]) -> None:
    """Delete the rows of passkeys that no account names any more."""
    for passkey_id in passkey_ids:
        await store.call(AccountRow(user_id, f"{PASSKEY}{passkey_id}").delete)


async def delete_all(user_id: str) -> None:
    """Delete the passkeys of a user, void ones too, and what is kept while they sign in; may be called again."""

    def delete() -> None:
        with AccountRow.batch_write() as batch:
            for kind in (PASSKEY, CEREMONY, TOLD):
                for row in AccountRow.query(user_id, AccountRow.item.startswith(kind), consistent_read=True):
                    batch.delete(row)

    await store.call(delete)


def _take(transaction: TransactWrite, user_id: str, ceremony: Ceremony) -> None:
    """Add the row that says that a challenge was answered; it may go when the challenge is over anyway."""
    taken = AccountRow(user_id, f"{CEREMONY}{ceremony.id}", expires_at=int(time.time()) + 2 * SECONDS)
    transaction.save(taken, condition=AccountRow.user_id.does_not_exist())


def _passkey(row: AccountRow) -> Passkey:
    return Passkey(
        id=row.item.removeprefix(PASSKEY),
        user_id=row.user_id,
        name=row.name or "",
        credential=row.credential or "",
        public_key=row.public_key or "",
        sign_count=int(row.sign_count or 0),
        transports=frozenset(row.transports or ()),
        is_synced=bool(row.is_synced),
        created_at=int(row.created_at or 0),
        used_at=int(row.seen_at or 0),
    )
