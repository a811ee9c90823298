"""One's own passkeys: registered and removed by whoever proves who they are. With one, a password is not enough."""

import time
from dataclasses import dataclass, replace

from accounts import ceremonies, passkey_models, passkeys, relying_party, totp
from accounts.access import require_account
from accounts.account import Account
from accounts.ceremonies import Ceremony
from accounts.passkey_models import MAX_PASSKEYS, Passkey
from accounts.passkeys import Options, Registered
from foundation.errors import Invalid, NotFound, Unauthenticated, Unavailable
from foundation.tasks import run_to_completion, to_completion
from users.actor import Actor
from workspace import audit

from . import sessions
from .clients import Client
from .own_password import require_own_proof
from .sessions import SignedIn

_CHANGED = "Your second factor was changed just now: try again."
_NOT_TAKEN = "That passkey was not taken: begin again."


@dataclass(frozen=True, slots=True)
class PasskeyOffer:
    """What a browser is asked, and the state to send back with its answer."""

    options: Options
    state: str


@dataclass(frozen=True, slots=True)
class PasskeyAdded:
    """A new passkey. The first second factor comes with recovery codes, and a session in place of all before."""

    passkey: Passkey
    recovery_codes: list[str]
    session: SignedIn | None


def require_passkeys() -> None:
    """Raise `NotFound` where this server has no domain that passkeys could belong to."""
    if not relying_party.origins():
        raise NotFound("This server has no passkeys: they need a domain (PUBLIC_URL, PASSKEY_DOMAIN).")


async def begin_passkey(*, actor: Actor, password: str | None = None) -> PasskeyOffer:
    """Ask the actor's browser for a new passkey.

    Raises `Invalid` for a wrong password or too many passkeys; `NotFound`, `RateLimited`, `Unavailable`.
    """
    require_passkeys()
    account = await require_own_proof(actor, password)
    _require_room(account)
    ceremony = ceremonies.begin(ceremonies.REGISTER, user_id=account.user_id, proof=actor.session_id)
    known = await passkey_models.list_of(account)
    options = passkeys.registration_options(
        ceremony, user_id=account.user_id, login=account.login, name=actor.name, known=known
    )
    return PasskeyOffer(options, ceremony.state)


async def add_passkey(*, actor: Actor, state: str, credential: str, name: str, client: Client) -> PasskeyAdded:
    """Keep the passkey that the actor's browser has made; `state` is of `begin_passkey` in this session.

    Where it is the first second factor, all sessions of the actor end, for they began without it, and another begins.
    Raises `Invalid` for an answer that proves nothing; `NotFound`, `Unavailable`.
    """
    require_passkeys()
    account = await require_account(actor)
    ceremony = _own_ceremony(actor, state)
    _require_room(account)
    try:
        registered = passkeys.verify_registration(credential, ceremony)
    except passkeys.Refused as error:
        await audit.record("passkey.refused", by=actor.user_id)
        raise _not_taken() from error
    passkey_id = passkeys.id_of(registered.credential)
    if passkey_id in account.passkeys:
        raise Invalid("You have this passkey already.", fields={"credential": ["You have this passkey already."]})
    return await run_to_completion(_add(actor, account, ceremony, _passkey(account, registered, name), client))


async def _add(actor: Actor, account: Account, ceremony: Ceremony, passkey: Passkey, client: Client) -> PasskeyAdded:
    # Without a password there is nothing that it would be second to.
    is_first = account.has_password and not account.has_second_factor
    codes = totp.new_recovery_codes() if is_first else []
    recovery = set(map(totp.recovery_digest, codes)) if is_first else None
    if not await passkey_models.add(passkey, account, ceremony, recovery=recovery):
        raise Invalid(_CHANGED)
    await audit.record("passkey.add", by=actor.user_id, passkey=passkey.id)
    if not is_first:
        return PasskeyAdded(passkey, [], None)
    await audit.record("second_factor.on", by=actor.user_id)
    account = replace(account, passkeys=frozenset((passkey.id,)))
    return PasskeyAdded(
        passkey, codes, (await sessions.begin_anew(actor=actor, account=account, client=client)).session
    )


@to_completion
async def remove_passkey(*, actor: Actor, passkey_id: str, password: str | None = None) -> None:
    """Take one of the actor's passkeys away; raises `Invalid` for a wrong password, `NotFound`, `Unavailable`."""
    account = await require_own_proof(actor, password)
    if passkey_id not in account.passkeys:
        raise NotFound
    if not await passkey_models.remove(passkey_id, account):
        raise Unavailable(_CHANGED)
    await audit.record("passkey.remove", by=actor.user_id, passkey=passkey_id)


def _own_ceremony(actor: Actor, state: str) -> Ceremony:
    """Return the ceremony that this session has begun; raises `Invalid`."""
    try:
        ceremony = ceremonies.resume(state, ceremonies.REGISTER)
    except Unauthenticated as error:
        raise Invalid(error.message, fields={"state": [error.message]}) from error
    if (ceremony.user_id, ceremony.proof) != (actor.user_id, actor.session_id):
        raise _not_taken()
    return ceremony


def _require_room(account: Account) -> None:
    if len(account.passkeys) >= MAX_PASSKEYS:
        raise Invalid(f"You have {MAX_PASSKEYS} passkeys already: remove one first.")


def _passkey(account: Account, registered: Registered, name: str) -> Passkey:
    return Passkey(
        id=passkeys.id_of(registered.credential),
        user_id=account.user_id,
        name=name,
        credential=registered.credential,
        public_key=registered.public_key,
        sign_count=registered.sign_count,
        transports=registered.transports,
        is_synced=registered.is_synced,
        created_at=int(time.time()),
    )


def _not_taken() -> Invalid:
    return Invalid(_NOT_TAKEN, fields={"credential": [_NOT_TAKEN]})
