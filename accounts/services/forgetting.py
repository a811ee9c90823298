"""A forgotten password: whoever has an address here gets a link by mail, and nobody learns who has one."""

import asyncio
import logging

from accounts import attempts, mail, models
from accounts.access import require_accounts
from accounts.login_names import login_key
from foundation.errors import AppError
from foundation.per_loop import PerLoop
from foundation.tasks import create_background_task
from workspace import audit

from . import invitations
from .clients import Client

logger = logging.getLogger(__name__)
# Mails that are under way at a time; beyond, they are left out: nobody is promised one.
_MAX_PENDING = 50
pending: PerLoop[set[asyncio.Task[None]]] = PerLoop(set)


async def request_reset(*, login: str, client: Client) -> None:
    """Have a link mailed to the account with this sign-in name, if there is one and it has an address.

    It returns at once, whether there is one or not. Raises `RateLimited`, `Unavailable`, and `NotFound` where this
    server keeps no accounts or sends no mail.
    """
    require_accounts()
    mail.require_mail()
    key = login_key(login)
    await attempts.count_mail(login=key, address=client.address)
    if len(pending()) < _MAX_PENDING:
        task = create_background_task(_mail_link(key))
        pending().add(task)
        task.add_done_callback(pending().discard)


async def _mail_link(login: str) -> None:
    try:
        account = await models.find(login)
        # An account of the provider's gets no password by mail: whoever is removed there may still have the mailbox.
        if account is None or account.email is None or not account.has_password:
            return
        made = await invitations.make_reset_link_of(account)
        await mail.send_link(kind="reset", to=account.email, address=made.address)
        await audit.record("reset_link.mail", by=account.user_id)
    except AppError as error:
        logger.warning("A link could not be mailed: %s", error.code)
