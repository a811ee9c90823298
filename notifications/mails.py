"""Mails of what somebody has not read for a while, many messages in one: what waits for them goes out together."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext

from accounts.mail import sends_mail
from foundation.counters import outbox as counts
from foundation.log_throttle import LogThrottle
from foundation.tasks import map_some_at_a_time
from groups.models import DIRECT
from users import selectors as users
from users.user import User

from . import outbox
from .contents import address_of, excerpt, names_in
from .delivering import Wanted, find_wanted
from .outbox import Delivery
from .preferences import models as preferences
from .preferences.models import Preferences
from .rules import REMINDER

logger = logging.getLogger(__name__)
_failures = LogThrottle()
# Of their own: a mail server that does not answer holds none that others need.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mails-notifications")
# So many messages are in one mail, the first ones; how often it is tried, and the seconds between.
_MAX_LISTED, _MAX_TRIES, _PAUSE = 20, 8, 300.0
# Of what waits for somebody, so much is looked at for a mail, and so much of it together.
_MAX_LOOKED_AT, _AT_ONCE = 200, 8


def can_mail(user: User | None, own: Preferences) -> bool:
    """Return whether somebody wants mails, and can get them."""
    return bool(own.mail and user and user.is_active and user.email and sends_mail())


async def deliver_mail(delivery: Delivery) -> None:
    """Mail a person what waits for them and is unread, in one mail; not while they are active, or it is quiet.

    Raises `Unavailable`: it stays in the outbox.
    """
    if not await preferences.claim_mailing(delivery.user_id, outbox.LEASE):
        # Another process mails them just now, this message too.
        return
    try:
        waiting = await outbox.list_mails(delivery.user_id)
        if waiting:
            # What is due first, which is all that is mailed, put off or deleted: the rest has its turn by itself.
            await _deliver(waiting[:_MAX_LOOKED_AT])
    finally:
        await preferences.end_mailing(delivery.user_id)


async def _deliver(waiting: list[Delivery]) -> None:
    first = min(waiting, key=lambda delivery: delivery.at)
    wanted = await _find_all(waiting)
    if any(each.known.facts.is_present or each.known.facts.is_quiet for each in wanted):
        await _put_off(waiting, settings.NOTIFICATION_MAIL_DELAY, first.tries)
        return
    user = (await users.get_users(user_ids=[first.user_id], consistent=True)).get(first.user_id)
    if wanted and user and user.email and can_mail(user, wanted[0].known.preferences):
        try:
            with translation.override(user.preferences.language_or(settings.LANGUAGE_CODE)):
                await _send(user.email, await _text(wanted), first)
            counts.sent += 1
        except _NotTaken:
            counts.failed += 1
            if first.tries + 1 < _MAX_TRIES:
                await _put_off(waiting, _PAUSE, first.tries + 1)
                return
            counts.given_up += 1
    await outbox.delete(waiting)


class _NotTaken(Exception):
    """The mail server did not take a mail."""


async def _find_all(waiting: Sequence[Delivery]) -> list[Wanted]:
    in_order = sorted(waiting, key=lambda delivery: (delivery.group_id, delivery.seq))
    found = await map_some_at_a_time(find_wanted, in_order, _AT_ONCE)
    return [each for each in found if isinstance(each, Wanted)]


async def _put_off(waiting: Sequence[Delivery], seconds: float, tries: int) -> None:
    for delivery in waiting:
        await outbox.move(delivery, replace(delivery, at=outbox.later(seconds), tries=tries))


async def _text(wanted: Sequence[Wanted]) -> str:
    names = await names_in(each.message for each in wanted[:_MAX_LISTED])
    lines = []
    for each in wanted[:_MAX_LISTED]:
        author = names.get(each.message.user_id, each.message.user_id)
        said_by = _said_by(each, author)
        address = f"{settings.PUBLIC_URL}{address_of(each.group.id, int(each.message.seq))}"
        lines.append(f"{said_by}\n  {excerpt(each.message, names)}\n  {address}\n")
    more = len(wanted) - _MAX_LISTED
    if more > 0:
        lines.append(gettext("And {count} more.").format(count=more) + "\n")
    why = gettext("You get this mail because you have asked for it: {link}")
    lines.append(why.format(link=f"{settings.PUBLIC_URL}/notifications") + "\n")
    return "\n".join(lines)


def _said_by(wanted: Wanted, author: str) -> str:
    is_reminder = wanted.known.facts.cause == REMINDER
    if wanted.group.kind == DIRECT:
        words = gettext("Reminder: {author}:") if is_reminder else "{author}:"
    else:
        words = gettext("Reminder: {author} in {group}:") if is_reminder else gettext("{author} in {group}:")
    return words.format(author=author, group=wanted.group.name)


async def _send(to: str, text: str, delivery: Delivery) -> None:
    """Send a mail; repeated after a kill it has the same id, by which mail programs know it."""
    identity = f"<{delivery.user_id}.{delivery.group_id}.{delivery.seq}.notification@chat>"
    subject = gettext("What you have not read in the chat")
    mail = EmailMessage(subject, text, None, [to], headers={"Message-ID": identity})
    try:
        await asyncio.get_running_loop().run_in_executor(_threads, mail.send)
    # Of the network, of SMTP, of its library: each names the receiver or the text.
    except Exception as error:
        if _failures.should_log():
            logger.warning("The mail server does not take a mail: %s", type(error).__name__)
        raise _NotTaken from None
