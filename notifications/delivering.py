"""Delivers one push to all devices of a person: only if they may still read it, and have not."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from foundation.counters import outbox as counts
from groups import models as groups
from groups.log import queries
from groups.log.entry import Entry
from groups.models import Group
from messaging.inbox import rows as inbox
from messaging.inbox.rows import ItemKey
from messaging.threads import rows as threads
from messaging.threads.rows import ThreadKey
from users.revoked import is_over, revoked_sessions

from . import decisions, outbox
from .candidates import Concern
from .contents import close_push, message_push
from .devices import models as devices
from .devices.models import Device
from .facts import Known, facts_of_reminder, read_facts
from .outbox import Delivery
from .preferences import models as preferences
from .push.client import BUSY, GONE, LATER, REFUSED, SENT, Answer, Push, push_client
from .rules import DELETED, FAILED, HERE, NO_DEVICE, QUIET, REMINDER, THREAD, TOLD, Facts, decide

# How often a push is tried, and the seconds between: over two hours in all, or what the push service asks for.
_MAX_TRIES, _BASE, _MAX_PAUSE = 9, 5.0, 3600.0
# Seconds until a reminder is looked at again that finds its person in their quiet time.
_QUIET_PAUSE = 600.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that somebody is still to be told of."""

    message: Entry
    group: Group
    known: Known


async def find_wanted(delivery: Delivery) -> Wanted | str:
    """Return the message as it is now, or the reason why its person is not to be told of it any more.

    A mail is wanted whatever keeps pushes away at this moment.
    """
    message, group = await asyncio.gather(
        queries.get_entry(delivery.group_id, delivery.seq), groups.find_group(delivery.group_id)
    )
    if message is None or group is None or message.deleted:
        return DELETED
    known = await (_of_message if delivery.reminder is None else _of_reminder)(delivery, message, group)
    facts = known.facts if delivery.kind == outbox.PUSH else reachable(known.facts)
    reason = decide(facts)
    return reason if reason != TOLD else Wanted(message, group, known)


async def _of_message(delivery: Delivery, message: Entry, group: Group) -> Known:
    key = (delivery.user_id, delivery.group_id, delivery.seq)
    decided = await decisions.find([key])
    cause = decided[key].cause if key in decided else None
    follows = cause == THREAD and await _still_follows(delivery)
    concern = Concern(message, followers=frozenset((delivery.user_id,) if follows else ()))
    known = (await read_facts(group, [(concern, delivery.user_id)]))[delivery.seq, delivery.user_id]
    if known.facts.cause is None and cause == HERE:
        # Whom that names was settled when it was said.
        return replace(known, facts=replace(known.facts, cause=HERE))
    return known


async def _of_reminder(delivery: Delivery, message: Entry, group: Group) -> Known:
    key = ItemKey(delivery.user_id, delivery.group_id, delivery.seq, REMINDER)
    known, items = await asyncio.gather(read_facts(group, [(Concern(message), delivery.user_id)]), inbox.find([key]))
    is_read = key not in items or items[key].is_read
    found = known[delivery.seq, delivery.user_id]
    return replace(found, facts=facts_of_reminder(found.facts, is_read=is_read))


def reachable(facts: Facts) -> Facts:
    """Return the facts without what keeps pushes away, and mails not."""
    return replace(facts, is_present=False, is_quiet=False, wants_push=True, has_device=True)


async def _still_follows(delivery: Delivery) -> bool:
    """Return whether the person has not stopped to follow the thread since; the rows may not have them yet."""
    key = ThreadKey(delivery.user_id, delivery.group_id, delivery.parent_seq or 0)
    following = (await threads.find([key]))[key]
    return following.began is not None or following.until < delivery.seq


async def deliver(delivery: Delivery) -> None:
    """Send a push that this process has taken, and note what came of it; raises `Unavailable`: it stays as it is."""
    if delivery.kind == outbox.CLOSE:
        await _deliver_to(delivery, (await preferences.find(delivery.user_id)).device_ids, close_push(delivery))
        return
    wanted = await find_wanted(delivery)
    if wanted == QUIET and delivery.reminder is not None:
        # The quiet time was changed since it was put off.
        await outbox.postpone(delivery, _QUIET_PAUSE)
        return
    if isinstance(wanted, str):
        # What is on one of their screens was told, and is taken back as that, whatever keeps it from the others.
        await (decisions.note_sent(delivery) if delivery.done else decisions.note_not_sent(delivery, wanted))
        return
    push = await message_push(delivery, wanted.message, wanted.group, wanted.known.facts.cause)
    await _deliver_to(delivery, wanted.known.preferences.device_ids, push)


async def _deliver_to(delivery: Delivery, ids: frozenset[str], push: Push) -> None:
    known = await devices.list_devices(delivery.user_id, ids - delivery.done)
    answers = await send_to(known, push)
    sent = delivery.done | {device.id for device, answer in answers if answer.outcome == SENT}
    _count(answers)
    waiting = [answer for _, answer in answers if answer.outcome in (LATER, BUSY)]
    # What got no turn was not tried.
    tries = delivery.tries + any(answer.outcome == LATER for answer in waiting)
    if waiting and tries < _MAX_TRIES:
        least = _pause(delivery.tries) if tries > delivery.tries else 0.0
        pause = max(least, *(answer.after for answer in waiting))
        await outbox.postpone(delivery, pause, tries=tries, done=frozenset(sent))
    elif delivery.kind == outbox.CLOSE:
        await outbox.delete([delivery])
    elif sent:
        await decisions.note_sent(delivery)
    else:
        counts.given_up += bool(answers)
        await decisions.note_not_sent(delivery, FAILED if answers else NO_DEVICE)


def _count(answers: Sequence[tuple[Device, Answer]]) -> None:
    outcomes = [answer.outcome for _, answer in answers]
    counts.sent += outcomes.count(SENT)
    counts.failed += outcomes.count(LATER) + outcomes.count(REFUSED)


def _pause(tries: int) -> float:
    pause: float = min(_MAX_PAUSE, _BASE * 3.0**tries) * random.uniform(0.7, 1.3)  # noqa: S311
    return pause


async def send_to(known: Sequence[Device], push: Push) -> list[tuple[Device, Answer]]:
    """Send a push to devices of which each has a session that goes on; those that are gone are removed.

    Raises `Unavailable`.
    """
    ended = revoked_sessions()
    over = [device for device in known if is_over(ended, session_id=device.session_id, user_id=device.user_id)]
    alive = [device for device in known if device not in over]
    answers = await asyncio.gather(*(push_client().send(device, push) for device in alive))
    gone = [device for device, answer in zip(alive, answers, strict=True) if answer.outcome == GONE]
    for device in (*over, *gone):
        await devices.delete(device)
    return list(zip(alive, answers, strict=True))
