"""Tells people of what they wanted to be reminded of: decided once for each reminder, by rules that are fewer.

The person has chosen the moment, so neither what they have set of the group nor that they have read the message keeps
it from them. In their quiet time it is put off to its end. What counts as read is the item of the inbox.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.conf import settings

from dynamodb import store
from foundation.ids import now, to_wire
from groups import models as groups
from groups.log.entry import Entry
from messaging.inbox.rows import Item
from messaging.log_batch import root_seq

from . import decisions, outbox, told_people
from .candidates import Concern
from .decisions import Decided, Decision
from .facts import Known, facts_of_reminder, read_facts
from .mails import can_mail
from .outbox import Delivery
from .rules import MAILED, QUIET, REMINDER, TOLD, decide
from .sending import lease_of_new, send_soon


async def tell_of_reminder(item: Item, message: Entry) -> None:
    """Decide whether to tell somebody that a reminder is in their inbox, store it, and send what is to be sent.

    Called again it does nothing. Raises `Unavailable`.
    """
    group = await groups.find_group(item.key.group_id)
    if group is None:
        return
    known = (await read_facts(group, [(Concern(message), item.key.user_id)]))[int(message.seq), item.key.user_id]
    decided = _decided(item, message, replace(known, facts=facts_of_reminder(known.facts, is_read=item.is_read)))
    await told_people.note(group.id, [item.key.user_id])
    try:
        await decisions.put([decided])
    except store.ConditionFailed:
        # Another process has decided, or this one has before it was killed.
        return
    if decided.decision.reason == TOLD:
        send_soon([each for each in decided.deliveries if each.kind == outbox.PUSH])


def _decided(item: Item, message: Entry, known: Known) -> Decided:
    user_id, group_id, seq, _ = item.key
    reason, parent = decide(known.facts), root_seq(message) if message.parent_id else None
    decision = Decision(user_id, group_id, seq, REMINDER, reason, now(), parent, reminder=item.made_by)
    begin = known.after_quiet_time(datetime.now(UTC))
    kinds = {}
    if reason in (TOLD, QUIET):
        # What would keep it away after the quiet time is looked at then.
        kinds[outbox.PUSH] = begin + timedelta(seconds=lease_of_new() if reason == TOLD else 0.0)
    if reason in MAILED and can_mail(known.user, known.preferences):
        kinds[outbox.MAIL] = known.after_quiet_time(begin + timedelta(seconds=settings.NOTIFICATION_MAIL_DELAY))
    deliveries = (
        Delivery(kind, user_id, group_id, seq, to_wire(at), parent, reminder=item.made_by) for kind, at in kinds.items()
    )
    return Decided(decision, tuple(deliveries))
