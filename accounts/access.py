"""Loaders of accounts that permit: what a caller may not have is missing for them."""

from django.conf import settings

from foundation import link_tokens
from foundation.errors import NotFound
from users.actor import Actor
from workspace import roles

from . import link_models, makers, models
from .account import Account
from .link_models import Link

_LINK_IS_OVER = "This link is not valid, or not any more: ask whoever sent it for a new one."


def require_accounts() -> None:
    """Raise `NotFound` where somebody else signs people in."""
    if not keeps_accounts():
        raise NotFound("This server keeps no accounts of its own.")


def keeps_accounts() -> bool:
    return bool(settings.SIGN_IN == "accounts")


async def require_account(actor: Actor) -> Account:
    """Return the actor's own account; raises `NotFound`."""
    require_accounts()
    account = await models.get(actor.user_id)
    if account is None:
        raise NotFound
    return account


async def require_administrator(actor: Actor) -> Account:
    """Return the actor's account if they may invite people and reset accounts; raises `Forbidden`, `NotFound`."""
    account = await require_account(actor)
    roles.require_administrator(actor)
    return account


async def require_link(token: str, *kinds: str) -> Link:
    """Return the link of a token; raises `NotFound`, the same for one that never was and one that is over.

    It is over, too, as soon as its maker might not make it any more. Raises `Unavailable`.
    """
    require_accounts()
    link_id = link_tokens.id_of(token)
    link = await link_models.get(link_id) if link_id else None
    # Compared also where there is none, so that both take as long.
    is_right = link_tokens.is_token_of(token, link.digest if link else None)
    if link is None or not is_right or link.kind not in kinds or not link.is_usable:
        raise NotFound(_LINK_IS_OVER)
    if not await makers.may_still_make(link):
        raise NotFound(_LINK_IS_OVER)
    return link
