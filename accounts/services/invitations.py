"""Links that administrators, or whoever runs the server, pass on: for the owner, for people who join, for a reset."""

import time
from dataclasses import dataclass
from typing import Any

from accounts import link_models, links, mail, models
from accounts.access import require_account, require_accounts, require_administrator
from accounts.account import Account
from accounts.link_models import Link
from accounts.makers import OPERATOR, may_stand_in
from foundation import link_tokens
from foundation.errors import Forbidden, Invalid, NotFound
from foundation.ids import new_id
from foundation.tasks import to_completion
from users import selectors as users
from users.actor import Actor
from users.roles import MEMBER, OWNER
from workspace import audit, policies
from workspace.settings import INVITE_PEOPLE

from .own_password import require_own_proof

DAY = 24 * 3600
INVITATION_SECONDS, MAX_INVITATION_SECONDS = 7 * DAY, 90 * DAY
MAX_USES = 1000
RESET_SECONDS = DAY
# The one link of the owner: another one takes its place.
_OWNER_ID = "owner"


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link whose whole address is known now, and never again."""

    link: Link
    address: str
    token: str


async def make_owner_link(*, user_id: str | None = None) -> NewLink | None:
    """Return a link that makes the owner's account, in place of any before; None if there is an owner already.

    For whoever runs the server; `user_id` is that of somebody whom this server knows. Raises `NotFound`.
    """
    require_accounts()
    if await models.has_owner():
        return None
    await _require_without_account(user_id)
    made = await _make(_OWNER_ID, link_models.OWNER, user_id=user_id, by=OPERATOR, seconds=INVITATION_SECONDS)
    await audit.record("owner_link.make", by=OPERATOR, link=_OWNER_ID, user=user_id)
    return made


async def invite(
    *,
    actor: Actor,
    expires_in: int = INVITATION_SECONDS,
    uses: int = 1,
    note: str = "",
    user_id: str | None = None,
    email: str | None = None,
    role: str = MEMBER,
    password: str | None = None,
) -> NewLink:
    """Return a link by which so many people may make an account within so many seconds.

    With a `user_id` it is for this user alone, who has no account yet, and who keeps what they wrote; for that the
    actor gives their own `password`, or where they have none has just signed in, for whoever has the link becomes that
    user. With an `email` it is mailed there,
    and nowhere else: so the address is that of the account, by which its password may be reset.
    `role` is that of who joins, MEMBER or GUEST; somebody known keeps theirs.
    Raises `Forbidden` unless the settings of the workspace permit it, `Invalid`, `NotFound`, `RateLimited`,
    `Unavailable`.
    """
    account = await (require_account(actor) if user_id is None else require_administrator(actor))
    await policies.require(actor, INVITE_PEOPLE)
    if user_id is not None:
        await _require_right_over(user_id, actor, password)
    if email is not None and not mail.sends_mail():
        sentence = "This server sends no mail (EMAIL_HOST): pass the link on yourself."
        raise Invalid(sentence, fields={"email": [sentence]})
    made = await _invite(
        account.user_id, expires_in=expires_in, uses=uses, note=note, user_id=user_id, email=email, role=role
    )
    if email is not None:
        await mail.send_link(kind="join", to=email, address=made.address)
    return made


async def invite_known_user(*, user_id: str, expires_in: int = INVITATION_SECONDS) -> NewLink:
    """Return the link for a user who has no account yet, for whoever runs the server; raises as `invite`."""
    require_accounts()
    return await _invite(OPERATOR, expires_in=expires_in, user_id=user_id)


@to_completion
async def _invite(
    by: str,
    *,
    expires_in: int,
    uses: int = 1,
    note: str = "",
    user_id: str | None = None,
    email: str | None = None,
    role: str = MEMBER,
) -> NewLink:
    if uses != 1 and (user_id is not None or email is not None):
        sentence = "An invitation of one person has one use."
        raise Invalid(sentence, fields={"uses": [sentence]})
    await _require_without_account(user_id)
    link_id, kind = new_id("inv", 12), link_models.INVITATION
    more = {"note": note, "email": email, "role": None if role == MEMBER else role}
    made = await _make(link_id, kind, user_id=user_id, by=by, seconds=expires_in, uses=uses, **more)
    await audit.record("invitation.make", by=by, link=link_id, uses=uses, user=user_id)
    return made


@to_completion
async def revoke_invitation(*, actor: Actor, invitation_id: str) -> None:
    """Make an invitation invalid at once; raises `Forbidden`, `NotFound`, `Unavailable`."""
    account = await require_administrator(actor)
    if not await link_models.delete(invitation_id, kind=link_models.INVITATION):
        raise NotFound
    await audit.record("invitation.revoke", by=account.user_id, link=invitation_id)


async def make_reset_link(
    *, actor: Actor, user_id: str, password: str | None = None, clear_second_factor: bool = False
) -> NewLink:
    """Return a link by which this user sets a password, once, within a day; and loses the second factor, if asked for.

    It is void once the password is changed. `password` is the actor's own; without one, their session must
    have begun within five minutes. Raises `Invalid` for a wrong one,
    `Forbidden`, also for the owner's account, the actor's own, and those of administrators unless the actor is the
    owner; `NotFound`, `RateLimited`, `Unavailable`.
    """
    own = await require_administrator(actor)
    account = await models.get(user_id)
    if account is None:
        raise NotFound
    if account.user_id == own.user_id:
        # A session that was taken from its owner must not be worth a password.
        raise Forbidden("Change your own password with the present one.")
    if (await users.get_user(user_id=user_id)).role == OWNER:
        raise Forbidden("The owner's account is reset by whoever runs the server: bin/manage reset_link.")
    await _require_right_over(account.user_id, actor, password)
    return await _make_reset(own.user_id, account, clear_second_factor)


async def _require_right_over(user_id: str, actor: Actor, password: str | None) -> None:
    """Raise `Forbidden` or `Invalid` unless an administrator may make a link that is worth being this user."""
    user = (await users.get_users(user_ids=[user_id], consistent=True)).get(user_id)
    if not may_stand_in(user, actor.role):
        raise Forbidden("Administrators get links of an owner alone, or of whoever runs the server.")
    await require_own_proof(actor, password)


async def make_reset_link_by_operator(*, login: str, clear_second_factor: bool = False) -> NewLink:
    """Return the link for the account with this sign-in name, for whoever runs the server; raises `NotFound`."""
    require_accounts()
    account = await models.find(login)
    if account is None:
        raise NotFound("Nobody has this sign-in name.")
    return await _make_reset(OPERATOR, account, clear_second_factor)


@to_completion
async def _make_reset(by: str, account: Account, clear_second_factor: bool) -> NewLink:
    made = await make_reset_link_of(account, by=by, clear_second_factor=clear_second_factor)
    await audit.record("reset_link.make", by=by, user=account.user_id, clears_second_factor=clear_second_factor)
    return made


async def make_reset_link_of(account: Account, *, by: str = "", clear_second_factor: bool = False) -> NewLink:
    """Return a link by which the password of an account is set, once, within a day; checks no permission."""
    return await _make(
        new_id("reset", 12),
        link_models.RESET,
        user_id=account.user_id,
        by=by or account.user_id,
        seconds=RESET_SECONDS,
        password_mark=account.password_mark,
        clears_second_factor=clear_second_factor,
    )


async def _require_without_account(user_id: str | None) -> None:
    """Raise `NotFound` unless the user is nobody yet, or known and without an account."""
    if user_id is None:
        return
    user = (await users.get_users(user_ids=[user_id], consistent=True)).get(user_id)
    if user is None or not user.is_active:
        raise NotFound("There is no such user.")
    if await models.get(user_id):
        raise Invalid("This user has an account already.", fields={"userId": ["They have an account already."]})


async def _make(
    link_id: str,
    kind: str,
    *,
    user_id: str | None,
    by: str,
    seconds: int,
    uses: int = 1,
    **more: Any,
) -> NewLink:
    """Store a link; `more` has other fields of it."""
    token, now = link_tokens.new_token(link_id), int(time.time())
    link = Link(
        id=link_id,
        kind=kind,
        digest=link_tokens.digest_of(token),
        user_id=user_id,
        uses=uses,
        used=0,
        created_by=by,
        created_at=now,
        expires_at=now + seconds,
        **{"note": "", "password_mark": None, "clears_second_factor": False, **more},
    )
    await link_models.put(link)
    path = links.RESET if kind == link_models.RESET else links.JOIN
    return NewLink(link, links.address_of(path, token), token)
