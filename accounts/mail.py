"""Mails of links, where EMAIL_HOST names a server that sends them: beside the event loop, and never in a log."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext_lazy as _

from foundation.errors import NotFound, Unavailable
from foundation.log_throttle import LogThrottle

logger = logging.getLogger(__name__)
_failures = LogThrottle()
# Of their own: a mail server that does not answer would hold the threads that others need, for ten seconds each. What
# strangers ask for, resets, holds none of those of invitations.
_threads = {kind: ThreadPoolExecutor(max_workers=2, thread_name_prefix=f"mails-{kind}") for kind in ("join", "reset")}
_SUBJECTS = {"join": _("You are invited to the chat"), "reset": _("A new password for the chat")}
_TEXTS = {
    "join": _("Somebody has invited you to the chat at {site}. Make your account by this link, which works once:"),
    "reset": _(
        "Set a new password for your account at {site} by this link, which works once, within a day."
        " If it was not you who asked for it, do nothing:"
    ),
}


def sends_mail() -> bool:
    return bool(settings.EMAIL_HOST)


def require_mail() -> None:
    """Raise `NotFound` where no mail is sent."""
    if not sends_mail():
        raise NotFound("This server sends no mail: ask an administrator for a link.")


async def send_link(*, kind: str, to: str, address: str) -> None:
    """Mail a link (`join`, `reset`) to somebody; raises `Unavailable` if the mail server does not take it."""
    # In the language of the page that the mail is asked for on: a reset is asked for by whom it is for.
    subject, text = str(_SUBJECTS[kind]), f"{str(_TEXTS[kind]).format(site=settings.PUBLIC_URL)}\n\n{address}\n"
    try:
        await asyncio.get_running_loop().run_in_executor(_threads[kind], send_mail, subject, text, None, [to])
    # Of the network, of SMTP, of its library: each names the receiver or the text.
    except Exception as error:
        if _failures.should_log():
            logger.warning("The mail server does not take a mail: %s", type(error).__name__)
        raise Unavailable("The mail could not be sent: try again in a moment.") from None
