"""Signing in: by a sign-in name, a password, and a code where the account has a second factor.

Whether a name exists shows neither in the answer nor in what it costs: each attempt is counted, reads as much and
hashes once.
"""

import contextlib
import hmac
from dataclasses import replace
from typing import Any

from django.core import signing

from accounts import attempts, hashing, models, provided_role, provided_sessions, sealing, told, totp
from accounts.access import require_accounts
from accounts.account import Account
from accounts.login_names import login_key
from accounts.oidc import provided
from foundation.errors import SecondFactorRequired, Unauthenticated, Unavailable
from workspace import audit

from . import sessions
from .clients import Client
from .sessions import SIGNED_OUT, SignedIn

WRONG = "The sign-in name or the password is not right."
WRONG_CODE = "The code is not right, or was used already."
_CHALLENGE_SALT, CHALLENGE_SECONDS = "accounts.challenge", 300


async def sign_in(*, login: str, password: str, client: Client, code: str | None = None) -> SignedIn:
    """Begin a session; where the account has a second factor, `code` is one of its codes or a recovery code.

    Raises `Unauthenticated`; `SecondFactorRequired`, with a challenge for `answer_challenge`, when the password is
    right and the code is missing; `RateLimited`, `Unavailable`, and `NotFound` where somebody else signs people in.
    """
    require_accounts()
    key = login_key(login)
    # Before it is counted: whether a device is known depends on the account. Nobody's costs as many reads.
    account = await models.find(key)
    known = attempts.known_device(client.device, account)
    await attempts.count_password(login=key, address=client.address, known=known)
    stored = account.password if account and account.has_password else None
    is_right, outdated = await hashing.check_password(password, stored, by_stranger=known is None)
    if account is None or not is_right:
        # Not what was typed, which may be a password.
        await audit.record("sign_in.refused", by=account.user_id if account else "nobody", address=client.address)
        raise Unauthenticated(WRONG)
    if outdated:
        account = await _rehash(account, password)
    if account.has_second_factor:
        if code is None:
            raise SecondFactorRequired(challenge=new_challenge(account))
        await require_code(account=account, code=code, known=known)
    return await sessions.begin(account=account, client=client)


async def answer_challenge(*, challenge: str, code: str, client: Client) -> SignedIn:
    """Begin the session of whoever gave the right password a moment ago; raises as `sign_in`."""
    require_accounts()
    account = await account_of(challenge)
    await require_code(account=account, code=code, known=attempts.known_device(client.device, account))
    return await begin_after_second_factor(account=account, client=client)


async def begin_after_second_factor(*, account: Account, client: Client, passkey: str | None = None) -> SignedIn:
    """Begin a session as `sessions.begin`, and apply what the provider has told, if they have come from there."""
    said = await told.find(account.user_id)
    if said is None:
        return await sessions.begin(account=account, client=client, passkey=passkey)
    if said.origin and await provided_sessions.is_over(said.origin):
        await told.forget(account.user_id)
        raise Unauthenticated(SIGNED_OUT)
    await provided_role.apply(account.user_id, said.groups, names_groups=said.names_groups)
    signed_in = await sessions.begin(account=account, client=client, passkey=passkey, origin=said.origin)
    with contextlib.suppress(Unavailable):
        # Groups are told again at the next sign-in.
        await told.forget(account.user_id)
    await provided.apply(account.user_id, said.groups)
    return signed_in


async def require_code(*, account: Account, code: str, known: str | None = None) -> None:
    """Raise `Unauthenticated` unless this is a code of the account's second factor that was not used before.

    `known` is the device that asks, if it is known. Raises `RateLimited` after too many, `Unavailable`.
    """
    await attempts.count_code(account.user_id, known=known)
    if not await _use_code(account, totp.normalized(code)):
        await audit.record("second_factor.refused", by=account.user_id)
        raise Unauthenticated(WRONG_CODE)


async def _use_code(account: Account, code: str) -> bool:
    if totp.is_recovery(code):
        used = await models.use_recovery_code(account.user_id, totp.recovery_digest(code))
        if used:
            await audit.record("recovery_code.use", by=account.user_id, left=account.recovery_codes - 1)
        return used
    secret = sealing.unseal(account.totp) if account.totp and totp.is_totp(code) else None
    step = totp.matching_step(secret, code) if secret else None
    return step is not None and await models.use_totp_step(account.user_id, step)


async def _rehash(account: Account, password: str) -> Account:
    """Return the account with a hash of today's cost for a password that was right, unless it was changed meanwhile."""
    hashed = await hashing.hash_password(password)
    # Not what is stored now: the password may be another one, which nobody has given.
    return replace(account, password=hashed) if await models.replace_password(account, hashed) else account


def new_challenge(account: Account, *, by_identity: bool = False) -> str:
    """Return what a code is the answer to; `by_identity` where the identity stands in for the password."""
    claims = {"user": account.user_id, "password": account.password_mark}
    return signing.dumps(claims | ({"identity": account.identity} if by_identity else {}), salt=_CHALLENGE_SALT)


async def account_of(challenge: str) -> Account:
    """Return whose challenge this is, if their password, or the identity, is still the one that was right then.

    Raises `Unauthenticated`.
    """
    try:
        claims: dict[str, Any] = signing.loads(challenge, salt=_CHALLENGE_SALT, max_age=CHALLENGE_SECONDS)
    except signing.BadSignature as error:
        raise Unauthenticated("That took too long: give your password again.") from error
    account = await models.get(claims["user"])
    if (
        account is None
        or not account.has_second_factor
        or not hmac.compare_digest(account.password_mark, claims["password"])
        or claims.get("identity", account.identity) != account.identity
    ):
        raise Unauthenticated(WRONG)
    return account
