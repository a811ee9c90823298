"""Decides whom to tell of messages, and stores it: once for each message and person, however often it is called."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings

from dynamodb import store
from foundation.ids import now, to_wire
from foundation.tasks import map_some_at_a_time
from groups.models import Group
from messaging.log_batch import root_seq

from . import decisions, outbox, told_people
from .candidates import Concern, find_candidates
from .decisions import Decided, Decision
from .facts import Known, read_facts
from .mails import can_mail
from .outbox import Delivery
from .rules import MAILED, TOLD, decide

# A transaction takes a hundred rows. So many of them are under way at a time, and so many people are read together.
_MAX_ROWS, _MAX_CONCURRENT, _MAX_READ = 99, 4, 500
# Takes what is to be sent, and does not wait.
Send = Callable[[Sequence[Delivery]], None]


async def decide_all(group: Group, concerns: Sequence[Concern], *, lease: float, send: Send) -> None:
    """Decide of these messages whom to tell, store it, and hand `send` the pushes as they are put into the outbox.

    What was decided before stays as it is. The pushes are due for others when the lease is over, in seconds. Raises
    `Unavailable`: then some may be stored and handed over, and the same call does the rest.
    """
    candidates = await find_candidates(group, concerns)
    pairs = [(each, user_id) for each in concerns for user_id in sorted(candidates.get(each.seq, ()))]
    for start in range(0, len(pairs), _MAX_READ):
        await _decide_some(group, pairs[start : start + _MAX_READ], lease, send)


async def _decide_some(group: Group, pairs: Sequence[tuple[Concern, str]], lease: float, send: Send) -> None:
    known = await decisions.find((user_id, group.id, concern.seq) for concern, user_id in pairs)
    pairs = [pair for pair in pairs if (pair[1], group.id, pair[0].seq) not in known]
    if not pairs:
        return
    facts = await read_facts(group, pairs)
    # Of a message and its edit in the same batch, one.
    decided = {
        (concern.seq, user_id): _decided(group, concern, user_id, known_, lease)
        for concern, user_id in pairs
        if (known_ := facts[concern.seq, user_id]).facts.cause is not None
    }
    await told_people.note(group.id, {user_id for _, user_id in decided})

    async def write_and_send(chunk: list[Decided]) -> None:
        # At once: the lease runs from when it was decided, and there may be thousands after these.
        written = await _write(chunk)
        send([delivery for each in written for delivery in each.deliveries if delivery.kind == outbox.PUSH])

    await map_some_at_a_time(write_and_send, _chunks(decided.values()), _MAX_CONCURRENT)


def _decided(group: Group, concern: Concern, user_id: str, known: Known, lease: float) -> Decided:
    reason = decide(known.facts)
    parent = root_seq(concern.message) if concern.message.parent_id else None
    decision = Decision(user_id, group.id, concern.seq, known.facts.cause, reason, now(), parent)
    deliveries = []
    if reason == TOLD:
        deliveries.append(Delivery(outbox.PUSH, user_id, group.id, concern.seq, outbox.later(lease), parent))
    if reason in MAILED and can_mail(known.user, known.preferences):
        deliveries.append(Delivery(outbox.MAIL, user_id, group.id, concern.seq, to_wire(_mail_time(known)), parent))
    return Decided(decision, tuple(deliveries))


def _mail_time(known: Known) -> datetime:
    """Return when the person is mailed what they have not read by then: not before their quiet time is over."""
    return known.after_quiet_time(datetime.now(UTC) + timedelta(seconds=settings.NOTIFICATION_MAIL_DELAY))


def _chunks(decided: Iterable[Decided]) -> list[list[Decided]]:
    chunks, rows = list[list[Decided]](), _MAX_ROWS
    for each in decided:
        if rows + each.row_count > _MAX_ROWS:
            chunks.append([])
            rows = 0
        chunks[-1].append(each)
        rows += each.row_count
    return chunks


async def _write(chunk: list[Decided]) -> list[Decided]:
    """Write decisions; return those that no other process has written."""
    try:
        await decisions.put(chunk)
    except store.ConditionFailed:
        if len(chunk) == 1:
            return await _write_again(chunk)
        # Another process decides of the same: then each for itself.
        return [done for each in chunk for done in await _write([each])]
    return chunk


async def _write_again(chunk: list[Decided]) -> list[Decided]:
    """Write a decision once more if there is none: two transactions may have hindered each other."""
    decision = chunk[0].decision
    if await decisions.find([(decision.user_id, decision.group_id, decision.seq)]):
        return []
    try:
        await decisions.put(chunk)
    except store.Conflict:
        return await _write_again(chunk)
    except store.ConditionFailed:
        return []
    return chunk
