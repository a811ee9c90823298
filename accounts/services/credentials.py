"""What proves who somebody is: their password and their second factor, changed by themselves or by a reset."""

from dataclasses import dataclass, replace

from accounts import attempts, hashing, link_models, models, passkey_models, sealing, totp
from accounts.access import require_account, require_link
from accounts.account import Account
from accounts.link_models import Link
from accounts.passwords import require_password
from foundation.errors import Invalid, NotFound, Unauthenticated, Unavailable
from foundation.tasks import run_to_completion, to_completion
from users import selectors as users
from users.actor import Actor
from workspace import audit

from . import sessions
from .clients import Client
from .own_password import require_own_password, require_own_proof, wrong_password
from .sessions import Renewed, SignedIn
from .signing_in import require_code

_CODE_NEEDED = "Give a code of your authenticator, or a recovery code."


@dataclass(frozen=True, slots=True)
class TotpOffer:
    """A second factor to confirm: its secret in base 32, and the address that a QR code shows."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class SecondFactorOn:
    """The recovery codes, and the session that has begun in place of all before."""

    recovery_codes: list[str]
    session: SignedIn


async def change_password(*, actor: Actor, current_password: str, new_password: str, client: Client) -> Renewed:
    """Change the actor's password, end all of their sessions, and begin another in place of this one.

    Raises `Invalid`, also for a wrong `current_password`; `RateLimited` after too many of those, `Unavailable`.
    """
    account = await require_account(actor)
    await require_own_password(account, current_password, field="currentPassword")
    require_password(new_password, account.login, actor.name, field="newPassword")
    hashed = await hashing.hash_password(new_password)
    # Also for a client that goes away meanwhile: a new password without the ends of sessions would protect nobody.
    return await run_to_completion(_change_password(actor, account, hashed, client))


async def _change_password(actor: Actor, account: Account, hashed: str, client: Client) -> Renewed:
    if not await models.replace_password(account, hashed):
        raise wrong_password("currentPassword")
    await audit.record("password.change", by=actor.user_id)
    return await sessions.begin_anew(actor=actor, account=replace(account, password=hashed), client=client)


async def reset_password(*, token: str, password: str) -> None:
    """Set a password by the link of a reset, and end all sessions; raises `Invalid`, `NotFound`, `Unavailable`."""
    link = await require_link(token, link_models.RESET)
    account = await models.get(link.user_id or "")
    if account is None or account.password_mark != link.password_mark:
        raise NotFound("This link is void: the password was changed since it was made.")
    user = await users.get_user(user_id=account.user_id)
    require_password(password, account.login, user.name)
    hashed = await hashing.hash_password(password)
    await run_to_completion(_reset_password(account, link, token, hashed))


async def _reset_password(account: Account, link: Link, token: str, hashed: str) -> None:
    use = link_models.use(link, token)
    if not await models.replace_password(account, hashed, clear=link.clears_second_factor, also=use):
        # Used at the same moment by somebody else, perhaps: then the link is over.
        await require_reset_link(token=token)
        raise Unavailable("The account was changed just now: try again.")
    await audit.record(
        "password.reset", by=account.user_id, link=link.id, clears_second_factor=link.clears_second_factor
    )
    if link.clears_second_factor:
        await passkey_models.delete_void(account.user_id, account.passkeys)
    await sessions.end_all(user_id=account.user_id)


async def require_reset_link(*, token: str) -> None:
    """Raise `NotFound` unless the link of a reset may still be used."""
    link = await require_link(token, link_models.RESET)
    account = await models.get(link.user_id or "")
    if account is None or account.password_mark != link.password_mark:
        raise NotFound("This link is void: the password was changed since it was made.")


async def begin_totp(*, actor: Actor, password: str | None = None) -> TotpOffer:
    """Offer the actor a second factor, which nobody can read again.

    Raises `Invalid` for a wrong password, or where there is one already.
    """
    account = await require_own_proof(actor, password)
    secret = totp.new_secret()
    if not await models.offer_totp(account.user_id, sealing.seal(secret)):
        raise Invalid("You have a second factor already: remove it before you set up another one.")
    return TotpOffer(secret, totp.provisioning_uri(secret, account.login))


async def confirm_totp(*, actor: Actor, code: str, client: Client) -> SecondFactorOn:
    """Turn the offered second factor on by its first code, and return the recovery codes, which nobody can read again.

    All sessions of the actor end, for they began without it, and another begins in place of this one.
    Raises `Invalid` for a wrong code, `NotFound` where none was offered, `RateLimited`, `Unavailable`.
    """
    account = await require_account(actor)
    await attempts.count_code(account.user_id, known=None)
    secret = sealing.unseal(account.new_totp) if account.new_totp and not account.totp else None
    if secret is None:
        raise NotFound("No second factor waits for its first code: begin again.")
    step = totp.matching_step(secret, totp.normalized(code))
    if step is None:
        sentence = "That is not the code that your authenticator shows for this server: compare the clocks."
        raise Invalid(sentence, fields={"code": [sentence]})
    return await run_to_completion(_confirm_totp(actor, account, step, client))


async def _confirm_totp(actor: Actor, account: Account, step: int, client: Client) -> SecondFactorOn:
    codes = totp.new_recovery_codes()
    digests = set(map(totp.recovery_digest, codes))
    if not await models.confirm_totp(account.user_id, account.new_totp or "", step=step, recovery=digests):
        raise NotFound
    await audit.record("second_factor.on", by=actor.user_id)
    account = replace(account, totp=account.new_totp, new_totp=None)
    return SecondFactorOn(codes, (await sessions.begin_anew(actor=actor, account=account, client=client)).session)


@to_completion
async def disable_totp(*, actor: Actor, code: str, password: str | None = None) -> None:
    """Take the authenticator away; raises `Invalid` for a wrong password or code, `NotFound` where there is none."""
    account = await require_own_proof(actor, password)
    if not account.totp:
        raise NotFound
    await _require_own_code(account, code)
    if not await models.remove_totp(account):
        raise Unavailable("Your passkeys were changed just now: try again.")
    await audit.record("second_factor.off", by=actor.user_id)


@to_completion
async def renew_recovery_codes(*, actor: Actor, password: str | None = None, code: str | None = None) -> list[str]:
    """Return other recovery codes in place of all before, which nobody can read again.

    Where there is an authenticator, `code` is one of its codes or a recovery code. Raises `Invalid` for a wrong
    password or code, `NotFound` where there is no second factor, `RateLimited`, `Unavailable`.
    """
    account = await require_own_proof(actor, password)
    if not account.has_second_factor:
        raise NotFound
    if account.totp:
        await _require_own_code(account, code)
    codes = totp.new_recovery_codes()
    if not await models.replace_recovery_codes(account, set(map(totp.recovery_digest, codes))):
        raise Unavailable("Your second factor was changed just now: try again.")
    await audit.record("recovery_codes.renew", by=actor.user_id)
    return codes


async def _require_own_code(account: Account, code: str | None) -> None:
    if not code:
        raise Invalid(_CODE_NEEDED, fields={"code": [_CODE_NEEDED]})
    try:
        await require_code(account=account, code=code)
    except Unauthenticated as error:
        raise Invalid(error.message, fields={"code": [error.message]}) from error
