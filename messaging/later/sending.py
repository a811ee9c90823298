"""Sends what was planned, once, when it is due.

It is sent under a clientId of its own by the service that sends any message. Before that the plan is taken, with the
group's last seq: whoever finds it taken looks for the message among the entries since, and sends it if it is not there.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from dynamodb import store
from foundation.errors import AppError, Deactivated, NotFound, RateLimited, Unavailable
from foundation.ids import message_id as message_id_of
from groups.log import queries
from messaging.services import send_message
from users import selectors as users
from users.actor import Actor
from users.due.entry import Due
from users.due.handlers import Handler

from . import rows, telling
from .moving import is_moved
from .rows import REFUSED, SCHEDULED, SENT, TAKEN, Plan

# How many entries of a log one read looks through.
_ENTRIES_A_READ = 5_000
_GIVEN_UP = "The server has failed with it each time. Choose another time, or drop it."


class ScheduledMessages(Handler):
    kind = SCHEDULED

    async def handle(self, entry: Due) -> None:
        await self._do(entry, _send)

    async def give_up(self, entry: Due) -> None:
        """Refuse the message, so that its author learns of it, unless it was sent."""
        await self._do(entry, _give_up)

    async def _do(self, entry: Due, act: Callable[[Plan], Awaitable[None]]) -> None:
        plan = await rows.plan_of(entry)
        if plan is None or plan.state == REFUSED:
            return
        try:
            await (_tell_sent(plan) if plan.state == SENT else act(plan))
        except store.ConditionFailed:
            # It was changed or cancelled, or somebody else has done it: then it is found so.
            raise Unavailable from None


async def _send(plan: Plan) -> None:
    actor = await find_actor(plan.user_id)
    if await is_moved(plan):
        return
    try:
        message_id, after = await _find_sent(plan) if plan.state == TAKEN else (None, None)
        if message_id is None:
            message_id = await _send_now(plan, actor, after)
    except (Unavailable, RateLimited):
        raise
    except AppError as error:
        await _refuse(plan, error.code, error.message)
        return
    await _finish(plan, message_id)


async def _give_up(plan: Plan) -> None:
    try:
        message_id, _ = await _find_sent(plan) if plan.state == TAKEN else (None, 0)
    except NotFound as error:
        await _refuse(plan, error.code, error.message)
        return
    if message_id is None:
        await _refuse(plan, Unavailable.code, _GIVEN_UP)
        return
    await _finish(plan, message_id)


async def _refuse(plan: Plan, code: str, reason: str) -> None:
    telling.tell(await rows.refuse(plan, code=code, reason=reason), telling.REFUSED)


async def _finish(plan: Plan, message_id: str) -> None:
    await _tell_sent(await rows.mark_sent(plan, message_id))


async def _tell_sent(plan: Plan) -> None:
    # Before the row is deleted: who dies between these leaves it to another, which tells it again.
    telling.tell(replace(plan, state=TAKEN), telling.DONE, messageId=plan.message_id)
    await rows.finish(plan)


async def find_actor(user_id: str) -> Actor | None:
    """Return somebody as who acts at a time that they have planned, without a session; None if they may not come in."""
    user = (await users.get_users(user_ids=[user_id], consistent=True)).get(user_id)
    if user is None or not user.is_active:
        return None
    return Actor(user.id, user.name, "", 0, stored_role=user.stored_role)


async def _send_now(plan: Plan, actor: Actor | None, after: int | None) -> str:
    """Send the message, which is not among the entries up to `after`; None: nobody has tried. Return its id."""
    if actor is None:
        raise Deactivated
    if after is None:
        after = await _end_of(plan.group_id)
        await rows.take(plan, after=after)
    sent = await send_message(
        actor=actor,
        group_id=plan.group_id,
        content=plan.content,
        client_id=_client_id(plan),
        after=after,
        parent_id=plan.parent_id,
    )
    message_id: str = sent["message"]["id"]
    return message_id


def _client_id(plan: Plan) -> str:
    return f"later.{plan.id}"


async def _find_sent(plan: Plan) -> tuple[str | None, int]:
    """Return the id of the message if another process has sent it, or None, and the seq up to which was searched.

    By now the author may not be allowed to send it, or more entries may have followed than sending looks through.
    """
    searched, end = plan.after or 0, await _end_of(plan.group_id)
    while searched < end:
        seq, searched = await queries.find_send(
            plan.group_id, plan.user_id, _client_id(plan), first=searched + 1, last=end, limit=_ENTRIES_A_READ
        )
        if seq:
            return message_id_of(plan.group_id, seq), seq
    return None, end


async def _end_of(group_id: str) -> int:
    head = await queries.last_entry(group_id)
    if head is None:
        raise NotFound
    return int(head.seq)
