"""Which logout tokens of the provider were taken: each is taken once."""

from dynamodb import store

from .rows import LOGOUT, LOGOUTS, AccountRow


async def take(digest: str, *, expires_at: int) -> bool:
    """Note that a token was taken; False if it was before. It is kept until it is too old to be taken anyway."""
    row = AccountRow(LOGOUTS, f"{LOGOUT}{digest}", expires_at=expires_at)
    try:
        await store.call(row.save, condition=AccountRow.user_id.does_not_exist())
    except store.ConditionFailed:
        return False
    return True


async def give_back(digest: str) -> None:
    """Let a token be taken again, of which nothing came."""
    await store.call(AccountRow(LOGOUTS, f"{LOGOUT}{digest}").delete)
