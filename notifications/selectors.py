"""Why somebody was told of a message, or not: for themselves alone."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from foundation.errors import NotFound
from foundation.ids import parse_message_id
from groups import access, models
from groups.log import queries
from groups.log.entry import Entry
from messaging.log_batch import root_seq
from messaging.threads import rows as threads
from users.actor import Actor

from . import decisions
from .candidates import Concern
from .decisions import Decision
from .facts import read_facts
from .rules import TOLD, TOO_OLD, UNDECIDED, decide

# After so long a decision that is not there will not be made, or has expired.
_DECIDED_WITHIN = timedelta(minutes=10)


async def explain(*, actor: Actor, message_id: str) -> dict[str, Any]:
    """Return why the actor was told of a message, or not.

    {"messageId", "told", "reason", "cause"?, "kept", "decidedAt"?, "sentAt"?, "reminder"?: {"told", "reason",
    "decidedAt", "sentAt"?}}: `reason` and `cause` are those of `rules`, `reminder` the latest one of the message that
    has come. What was decided of those whom a message may concern is `kept` for a week; else it is by the rules as they
    are now. Raises `NotFound` unless the actor is a member and the message exists, `Unavailable`.
    """
    key = parse_message_id(message_id)
    if key is None:
        raise NotFound
    group_id, seq = key
    await access.require_member(actor=actor, group_id=group_id)
    message = await queries.get_entry(group_id, seq)
    if message is None or message.kind != "message":
        raise NotFound
    place = (actor.user_id, group_id, seq)
    decided, reminded = await asyncio.gather(decisions.find([place]), decisions.list_reminded(*place))
    if place in decided:
        wire = {"kept": True, "cause": decided[place].cause, **_decided(decided[place])}
    else:
        reason, wire = await _by_the_rules(actor.user_id, message)
        wire |= _outcome(reason)
    if reminded:
        wire["reminder"] = _given(_decided(reminded[-1]))
    return {"messageId": message_id, **_given(wire)}


def _decided(decision: Decision) -> dict[str, Any]:
    return {**_outcome(decision.reason), "decidedAt": decision.at, "sentAt": decision.sent_at}


def _outcome(reason: str) -> dict[str, Any]:
    return {"told": reason == TOLD, "reason": reason}


def _given(wire: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wire.items() if value is not None}


async def _by_the_rules(user_id: str, message: Entry) -> tuple[str, dict[str, Any]]:
    group = await models.find_group(message.group_id)
    if group is None:
        raise NotFound
    concern = Concern(message, await _followers(user_id, message))
    facts = (await read_facts(group, [(concern, user_id)]))[concern.seq, user_id].facts
    reason = decide(facts)
    if facts.cause is not None and not facts.is_own and reason == TOLD:
        is_recent = datetime.now(UTC) - datetime.fromisoformat(message.created_at) < _DECIDED_WITHIN
        reason = UNDECIDED if is_recent else TOO_OLD
    return reason, {"kept": False, "cause": facts.cause}


async def _followers(user_id: str, message: Entry) -> frozenset[str]:
    if not message.parent_id:
        return frozenset()
    return frozenset(await threads.find_followers(message.group_id, root_seq(message), [user_id]))
