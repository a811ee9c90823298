"""Accounts: the rows that say who somebody is, and their queries. Each raises what `store.call` raises."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store
from dynamodb.batch_loader import BatchLoader
from foundation.backoff import backoff
from foundation.errors import Unavailable
from foundation.per_loop import PerLoop
from users import standings
from users.models import PROFILE, UserRow
from users.profiles import write_new
from users.roles import OWNER as OWNER_ROLE

from .account import Account, NewAccount
from .login_names import is_login
from .rows import ACCOUNT, IDENTITIES, IDENTITY, LOGIN, LOGINS, OWNER, OWNERS, AccountRow

# Of a write whose row another transaction holds, in seconds.
_ATTEMPTS, _FIRST_WAIT, _LONGEST_WAIT = 3, 0.02, 0.1
# Of a user who may have an account.
_HERE = UserRow.user_id.exists() & UserRow.removed_at.does_not_exist() & UserRow.deactivated_at.does_not_exist()
# Adds what else a transaction writes.
Write = Callable[[TransactWrite], None]


_rows = PerLoop(lambda: BatchLoader(AccountRow, lambda row: (row.user_id, row.item)))


async def get(user_id: str) -> Account | None:
    return (await get_many([user_id])).get(user_id)


async def get_many(user_ids: Iterable[str]) -> dict[str, Account]:
    """Return the accounts that exist by user id, by strongly consistent reads."""
    rows = await _rows().load([(user_id, ACCOUNT) for user_id in user_ids])
    return {row.user_id: _account(row) for row in rows}


async def find(login: str) -> Account | None:
    """Return whose sign-in name this is, or None, after as many reads."""
    rows = await _rows().load([(LOGINS, _login_item(login))])
    return await get(rows[0].holder or "" if rows else "nobody")


async def is_taken(login: str) -> bool:
    return bool(await _rows().load([(LOGINS, _login_item(login))]))


def _login_item(login: str) -> str:
    """Return the key of a sign-in name; one that nobody can have for any that is none, which may be too long a key."""
    return LOGIN + (login if is_login(login) else "-")


async def has_owner() -> bool:
    return bool(await _rows().load([(OWNERS, OWNER)]))


async def list_logins(*, after: str | None, limit: int) -> list[tuple[str, str]]:
    """Return sign-in names with the ids of their users, in order, beginning after one."""

    def query() -> list[AccountRow]:
        # "login#" and what follows it; "$" follows "#".
        first = f"{LOGIN}{after}\x00" if after else LOGIN
        rows = AccountRow.query(LOGINS, AccountRow.item.between(first, "login$"), consistent_read=True, limit=limit)
        return list(rows)

    return [(row.item.removeprefix(LOGIN), row.holder or "") for row in await store.call(query)]


async def create(new: NewAccount, *, also: Write) -> None:
    """Write a new account with its sign-in name, and `also` what goes with it, all or nothing.

    Raises `ConditionFailed` when the sign-in name or the identity is taken, the user has an account, there is an owner
    already, or `also` has a condition that fails.
    """
    user_id, now = new.user_id, int(time.time())
    account = AccountRow(
        user_id,
        ACCOUNT,
        login=new.login,
        password=new.password,
        created_at=now,
        email=new.email,
        identity=new.identity,
    )
    absent = AccountRow.user_id.does_not_exist()

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            also(transaction)
            transaction.save(AccountRow(LOGINS, f"{LOGIN}{new.login}", holder=user_id), condition=absent)
            transaction.save(account, condition=absent)
            if new.identity:
                transaction.save(AccountRow(IDENTITIES, f"{IDENTITY}{new.identity}", holder=user_id), condition=absent)
            if new.is_owner:
                transaction.save(AccountRow(OWNERS, OWNER, holder=user_id), condition=absent)
                standings.note_owner(transaction, user_id)
            if new.name is not None:
                write_new(transaction, user_id, name=new.name, role=new.role)
            elif new.is_owner:
                own: list[Action] = [UserRow.role.set(OWNER_ROLE), UserRow.standing.add(1)]
                transaction.update(UserRow(user_id, PROFILE), actions=own, condition=_HERE)
            else:
                transaction.condition_check(UserRow, user_id, PROFILE, condition=_HERE)

    await store.call(transact)


async def find_former_owner() -> str | None:
    """Return the id of the owner whose account says so, and not yet their profile (`carry_over`)."""
    first = await _rows().load([(OWNERS, OWNER)])
    rows = await _rows().load([(first[0].holder or "nobody", ACCOUNT)]) if first else []
    return rows[0].user_id if rows and rows[0].role == OWNER_ROLE else None


async def drop_role(user_id: str) -> None:
    """Take the role out of an account: the profile has it."""
    await _update(user_id, [AccountRow.role.remove()], AccountRow.user_id.exists())


async def erase(account: Account) -> None:
    """Delete an account, and free its sign-in name and its identity; its sessions are others' to end.

    It may be called again.
    """

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            own = AccountRow.holder.does_not_exist() | (AccountRow.holder == account.user_id)
            transaction.delete(AccountRow(LOGINS, f"{LOGIN}{account.login}"), condition=own)
            free_identity(transaction, account)
            # What is linked meanwhile would stay reserved.
            same = AccountRow.user_id.does_not_exist() | same_identity(account)
            transaction.delete(AccountRow(account.user_id, ACCOUNT), condition=same)

    await store.call(transact)


async def replace_password(account: Account, password: str, *, clear: bool = False, also: Write | None = None) -> bool:
    """Store another hash, unless the password was changed since the account was read; return whether that was done.

    `clear` takes the second factor away, and the identity, whose change is a condition then, too: whoever had the
    account may have linked their own. `also` adds what is written with it, all or nothing.
    """
    row = AccountRow(account.user_id, ACCOUNT)
    actions: list[Action] = [AccountRow.password.set(password)]
    same: Condition = AccountRow.password == account.password
    if clear:
        actions += [*_without_second_factor(), AccountRow.identity.remove()]
        same &= same_identity(account)

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.update(row, actions=actions, condition=same)
            if clear:
                free_identity(transaction, account)
            if also:
                also(transaction)

    return await succeeds(transact)


async def offer_totp(user_id: str, sealed: str) -> bool:
    """Keep the secret of a second factor until it is confirmed, unless there is one in use."""
    unused = AccountRow.user_id.exists() & AccountRow.totp.does_not_exist()
    return await _update(user_id, [AccountRow.new_totp.set(sealed)], unused)


async def confirm_totp(user_id: str, sealed: str, *, step: int, recovery: set[str]) -> bool:
    """Use the secret that was offered, with the digests of its recovery codes; `step` is that of the code so far."""
    actions: list[Action] = [
        AccountRow.totp.set(sealed),
        AccountRow.totp_step.set(step),
        AccountRow.recovery.set(recovery),
        AccountRow.new_totp.remove(),
    ]
    return await _update(user_id, actions, (AccountRow.new_totp == sealed) & AccountRow.totp.does_not_exist())


async def remove_totp(account: Account) -> bool:
    """Take the authenticator away, and the recovery codes if nothing is left that they stand in for.

    False if the passkeys have changed since the account was read.
    """
    actions = _without_totp() if account.passkeys else _without_second_factor()
    return await _update(account.user_id, actions, same_passkeys(account))


async def replace_recovery_codes(account: Account, recovery: set[str]) -> bool:
    """Store the digests of other recovery codes, unless the second factor has changed since the account was read."""
    same = same_totp(account) & same_passkeys(account)
    return await _update(account.user_id, [AccountRow.recovery.set(recovery)], same)


def same_totp(account: Account) -> Condition:
    """Return the condition that the authenticator is the one that the account was read with."""
    same: Condition = AccountRow.totp == account.totp if account.totp else AccountRow.totp.does_not_exist()
    return same


def same_passkeys(account: Account) -> Condition:
    """Return the condition that the passkeys are those that the account was read with."""
    if not account.passkeys:
        none: Condition = AccountRow.user_id.exists() & AccountRow.passkeys.does_not_exist()
        return none
    named: Condition = AccountRow.passkeys == set(account.passkeys)
    return named


def same_identity(account: Account) -> Condition:
    """Return the condition that the identity is the one that the account was read with."""
    none: Condition = AccountRow.identity.does_not_exist()
    linked: Condition = AccountRow.identity == account.identity
    return linked if account.identity else none


def free_identity(transaction: TransactWrite, account: Account) -> None:
    """Add the write that lets another account have the identity; it fails if one has it already."""
    if account.identity:
        own = AccountRow.holder.does_not_exist() | (AccountRow.holder == account.user_id)
        transaction.delete(AccountRow(IDENTITIES, f"{IDENTITY}{account.identity}"), condition=own)


async def use_totp_step(user_id: str, step: int) -> bool:
    """Note that the code of this step was used; False if it, or a later one, was used before."""
    unused = AccountRow.totp_step.does_not_exist() | (AccountRow.totp_step < step)
    return await _update(user_id, [AccountRow.totp_step.set(step)], AccountRow.totp.exists() & unused)


async def use_recovery_code(user_id: str, digest: str) -> bool:
    """Take a recovery code away; False if there is no such code, or it was used before."""
    return await _update(user_id, [AccountRow.recovery.delete({digest})], AccountRow.recovery.contains(digest))


def _without_totp() -> list[Action]:
    return [each.remove() for each in (AccountRow.totp, AccountRow.new_totp, AccountRow.totp_step)]


def _without_second_factor() -> list[Action]:
    return [*_without_totp(), AccountRow.recovery.remove(), AccountRow.passkeys.remove()]


async def _update(user_id: str, actions: list[Action], condition: Condition) -> bool:
    row = AccountRow(user_id, ACCOUNT)
    return await succeeds(lambda: row.update(actions, condition))


async def succeeds(write: Callable[[], Any]) -> bool:
    """Return whether a write was done, False when its condition failed.

    A transaction that holds the row for a moment is waited for; raises `Unavailable` if others follow it.
    """
    for wait in backoff(_ATTEMPTS, base=_FIRST_WAIT, cap=_LONGEST_WAIT):
        try:
            await store.call(write)
        except store.Conflict:
            await asyncio.sleep(wait)
        except store.ConditionFailed:
            return False
        else:
            return True
    raise Unavailable


def _account(row: AccountRow) -> Account:
    return Account(
        user_id=row.user_id,
        login=row.login or "",
        password=row.password or "",
        created_at=int(row.created_at or 0),
        totp=row.totp,
        new_totp=row.new_totp,
        recovery_codes=len(row.recovery or ()),
        email=row.email,
        passkeys=frozenset(row.passkeys or ()),
        identity=row.identity,
    )
