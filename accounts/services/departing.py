"""What ends with somebody who is deactivated, and what goes when their personal data are removed: their account."""

from accounts import link_models, models, passkey_models, session_models
from accounts.access import keeps_accounts

from . import sessions


async def end_account_of(user_id: str) -> None:
    """End the sessions of a user, and the links that they have made or could use; their account stays.

    It may be called again. Raises `Unavailable`.
    """
    if keeps_accounts():
        await sessions.end_all(user_id=user_id)
        await link_models.delete_of(user_id)


async def erase_account_of(user_id: str) -> None:
    """Delete a user's account with its sessions and passkeys, and free its sign-in name and identity.

    It may be called again. Raises `Unavailable`.
    """
    await end_account_of(user_id)
    if not keeps_accounts():
        return
    if account := await models.get(user_id):
        await models.erase(account)
    await passkey_models.delete_all(user_id)
    for session in await session_models.list_of(user_id):
        await session_models.delete(user_id, session.id)
