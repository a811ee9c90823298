"""Which account belongs to which identity at the provider: reserved by a row, so that none has two accounts."""

from pynamodb.transactions import TransactWrite

from dynamodb import store

from . import models
from .account import Account
from .models import free_identity, succeeds
from .rows import ACCOUNT, IDENTITIES, IDENTITY, AccountRow


async def find(identity_id: str) -> Account | None:
    """Return the account of an identity, by strongly consistent reads; None if there is none that still says so."""

    def read() -> str | None:
        try:
            return AccountRow.get(IDENTITIES, f"{IDENTITY}{identity_id}", consistent_read=True).holder
        except AccountRow.DoesNotExist:
            return None

    holder = await store.call(read)
    account = await models.get(holder) if holder else None
    return account if account and account.identity == identity_id else None


async def link(account: Account, identity_id: str) -> bool:
    """Have an identity sign in to an account; False if either is linked already, or the password was changed."""
    none = (AccountRow.password == account.password) & AccountRow.identity.does_not_exist()

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            own = AccountRow(account.user_id, ACCOUNT)
            transaction.update(own, actions=[AccountRow.identity.set(identity_id)], condition=none)
            reservation = AccountRow(IDENTITIES, f"{IDENTITY}{identity_id}", holder=account.user_id)
            transaction.save(reservation, condition=AccountRow.user_id.does_not_exist())

    return await succeeds(transact)


async def unlink(account: Account) -> bool:
    """Have the account's identity sign in no more; False if it does not by now, or the account has another password."""
    same = (AccountRow.identity == account.identity) & (AccountRow.password == account.password)

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            own = AccountRow(account.user_id, ACCOUNT)
            transaction.update(own, actions=[AccountRow.identity.remove()], condition=same)
            free_identity(transaction, account)

    return await succeeds(transact)
