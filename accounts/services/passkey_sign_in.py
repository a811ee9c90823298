"""Signing in by a passkey: alone, which counts as both factors, or after a password.

Nobody is asked for a name: the passkey says whose it is. So nothing tells who has one, or who is here at all.
"""

import hmac

from accounts import attempts, ceremonies, models, passkey_models, passkeys
from accounts.access import require_accounts
from accounts.account import Account
from accounts.ceremonies import SECOND_FACTOR, SIGN_IN, Ceremony
from accounts.passkey_models import Passkey
from accounts.passkeys import Claim
from foundation.errors import Unauthenticated
from workspace import audit

from . import sessions
from .clients import Client
from .passkeys import PasskeyOffer, require_passkeys
from .sessions import SignedIn
from .signing_in import account_of, begin_after_second_factor

# The same for one that nobody has and for one that proves nothing.
REFUSED = "This passkey does not sign you in here: try again, or another way."


async def begin_sign_in() -> PasskeyOffer:
    """Ask a browser for any passkey of this server; raises `NotFound` where there are none."""
    require_accounts()
    require_passkeys()
    ceremony = ceremonies.begin(SIGN_IN)
    return PasskeyOffer(passkeys.request_options(ceremony), ceremony.state)


async def begin_second_factor(*, challenge: str) -> PasskeyOffer:
    """Ask for a passkey of whoever gave the right password a moment ago, and so has the `challenge` of `sign_in`.

    Raises `Unauthenticated`, also where they have no passkey; `NotFound`, `Unavailable`.
    """
    require_accounts()
    require_passkeys()
    account = await account_of(challenge)
    known = await passkey_models.list_of(account)
    if not known:
        raise Unauthenticated(REFUSED)
    ceremony = ceremonies.begin(SECOND_FACTOR, user_id=account.user_id, proof=account.password_mark)
    return PasskeyOffer(passkeys.request_options(ceremony, known=known), ceremony.state)


async def sign_in(*, state: str, credential: str, client: Client) -> SignedIn:
    """Begin the session of whoever's passkey has answered; `state` is of one of the two above, and works once.

    Raises `Unauthenticated`, `RateLimited`, `Unavailable`, and `NotFound` where there are no passkeys.
    """
    require_accounts()
    require_passkeys()
    ceremony = ceremonies.resume(state, SIGN_IN, SECOND_FACTOR)
    try:
        claim = passkeys.read_claim(credential)
        account, passkey = await _find(ceremony, claim, client)
        sign_count = passkeys.verify_answer(credential, ceremony, passkey, alone=ceremony.purpose == SIGN_IN)
    except passkeys.Refused as error:
        # Not whose it claims to be: nothing has proven that.
        await audit.record("passkey.refused", by=ceremony.user_id or "nobody", address=client.address)
        raise Unauthenticated(REFUSED) from error
    if not await passkey_models.use(passkey, ceremony, sign_count=sign_count):
        await audit.record("passkey.refused", by=account.user_id, address=client.address)
        raise Unauthenticated(REFUSED)
    begin = begin_after_second_factor if ceremony.purpose == SECOND_FACTOR else sessions.begin
    return await begin(account=account, client=client, passkey=passkey.id)


async def _find(ceremony: Ceremony, claim: Claim, client: Client) -> tuple[Account, Passkey]:
    """Return the account and the passkey that an answer claims, after counting it; raises `passkeys.Refused`."""
    if ceremony.purpose == SIGN_IN:
        await attempts.count_passkey(claim.passkey_id, address=client.address)
        account = await models.get(claim.user_id) if claim.user_id else None
    else:
        account = await models.get(ceremony.user_id)
        if account is None or not hmac.compare_digest(account.password_mark, ceremony.proof):
            raise passkeys.Refused
        await attempts.count_code(account.user_id, known=attempts.known_device(client.device, account))
        if claim.user_id not in ("", account.user_id):
            raise passkeys.Refused
    passkey = await passkey_models.get(account, claim.passkey_id) if account else None
    if account is None or passkey is None:
        raise passkeys.Refused
    return account, passkey
