"""The administrative services of accounts, and those that change what proves who somebody is."""

import asyncio
import contextlib
from uuid import uuid4

from accounts.services import credentials, forgetting, invitations, own_password, sessions, signing_in
from foundation.errors import AppError
from tests.workspace.audit.attempts import Attempt
from users.profiles import create_if_absent

from .administrative_proofs import OF_PROOFS
from .administrative_scene import Scene
from .cast import HERE, NEW_PASSWORD, PASSWORD, Authenticator, forget_owner, joined, sign_in


async def _change_password(scene: Scene) -> str:
    await credentials.change_password(
        actor=scene.mary.actor, current_password=PASSWORD, new_password=NEW_PASSWORD, client=HERE
    )
    return scene.mary.id


async def _reset_password(scene: Scene) -> str:
    made = await invitations.make_reset_link_by_operator(login=scene.mary.login)
    await credentials.reset_password(token=made.token, password=NEW_PASSWORD)
    return scene.mary.id


async def _confirm_totp(scene: Scene) -> str:
    await Authenticator.of(scene.mary)
    return scene.mary.id


async def _disable_totp(scene: Scene) -> str:
    authenticator = await Authenticator.of(scene.mary)
    assert authenticator.owner
    await credentials.disable_totp(actor=authenticator.owner.actor, password=PASSWORD, code=authenticator.code())
    return scene.mary.id


async def _forget(scene: Scene) -> str:
    made = await invitations.invite(actor=scene.olive.actor, email="rita@example.org")
    rita = await joined(made, "Rita")
    await forgetting.request_reset(login=rita.login, client=HERE)
    await asyncio.gather(*forgetting.pending())
    return rita.id


async def _make_owner_link(scene: Scene) -> str:
    user = await create_if_absent(f"user_{uuid4().hex}", name="Olaf")
    await forget_owner()
    await invitations.make_owner_link(user_id=user.id)
    return user.id


async def _invite(scene: Scene) -> str:
    return (await invitations.invite(actor=scene.olive.actor)).link.id


async def _invite_known(scene: Scene) -> str:
    user = await create_if_absent(f"user_{uuid4().hex}", name="Ada")
    await invitations.invite_known_user(user_id=user.id)
    return user.id


async def _revoke(scene: Scene) -> str:
    made = await invitations.invite(actor=scene.olive.actor)
    await invitations.revoke_invitation(actor=scene.olive.actor, invitation_id=made.link.id)
    return made.link.id


async def _make_reset_link(scene: Scene) -> str:
    await invitations.make_reset_link(actor=scene.olive.actor, user_id=scene.mary.id, password=PASSWORD)
    return scene.mary.id


async def _make_reset_link_by_operator(scene: Scene) -> str:
    await invitations.make_reset_link_by_operator(login=scene.mary.login)
    return scene.mary.id


async def _join(scene: Scene) -> str:
    return (await joined(await invitations.invite(actor=scene.olive.actor), "Otto")).id


async def _mistake_own_password(scene: Scene) -> str:
    for _ in range(3):
        with contextlib.suppress(AppError):
            await own_password.require_own_password(await scene.account(), "not the password")
    return scene.mary.id


async def _begin(scene: Scene) -> str:
    return (await sign_in(scene.mary)).actor.session_id


async def _sign_out(scene: Scene) -> str:
    await sessions.sign_out(actor=scene.mary.actor)
    return scene.mary.actor.session_id


async def _end_session(scene: Scene) -> str:
    other = await sign_in(scene.mary)
    await sessions.end_session(actor=scene.mary.actor, session_id=other.actor.session_id)
    return other.actor.session_id


async def _end_others(scene: Scene) -> str:
    await sign_in(scene.mary)
    await sessions.end_other_sessions(actor=scene.mary.actor)
    return scene.mary.id


async def _mistake_password(scene: Scene) -> str:
    for _ in range(3):
        with contextlib.suppress(AppError):
            await signing_in.sign_in(login=scene.mary.login, password="not the password", client=HERE)
    return scene.mary.id


ADMINISTRATIVE: dict[str, Attempt[Scene]] = {
    **OF_PROOFS,
    "accounts.services.credentials.change_password": Attempt("password.change", _change_password, by="mary"),
    "accounts.services.credentials.reset_password": Attempt("password.reset", _reset_password, by="mary"),
    "accounts.services.credentials.confirm_totp": Attempt("second_factor.on", _confirm_totp, by="mary"),
    "accounts.services.credentials.disable_totp": Attempt("second_factor.off", _disable_totp, by="mary"),
    "accounts.services.forgetting.request_reset": Attempt("reset_link.mail", _forget, by="whoever asks"),
    "accounts.services.invitations.make_owner_link": Attempt("owner_link.make", _make_owner_link, by="operator"),
    "accounts.services.invitations.invite": Attempt("invitation.make", _invite, by="olive"),
    "accounts.services.invitations.invite_known_user": Attempt("invitation.make", _invite_known, by="operator"),
    "accounts.services.invitations.revoke_invitation": Attempt("invitation.revoke", _revoke, by="olive"),
    "accounts.services.invitations.make_reset_link": Attempt("reset_link.make", _make_reset_link, by="olive"),
    "accounts.services.invitations.make_reset_link_by_operator": Attempt(
        "reset_link.make", _make_reset_link_by_operator, by="operator"
    ),
    "accounts.services.joining.join": Attempt("account.create", _join, by="whoever joins"),
    "accounts.services.own_password.require_own_password": Attempt(
        "password.refused", _mistake_own_password, by="mary"
    ),
    "accounts.services.sessions.begin": Attempt("session.begin", _begin, by="mary"),
    "accounts.services.sessions.sign_out": Attempt("session.end", _sign_out, by="mary"),
    "accounts.services.sessions.end_session": Attempt("session.end", _end_session, by="mary"),
    "accounts.services.sessions.end_other_sessions": Attempt("session.end_others", _end_others, by="mary"),
    "accounts.services.signing_in.sign_in": Attempt("sign_in.refused", _mistake_password, by="mary"),
}
