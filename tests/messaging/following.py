"""What tests of threads and inboxes do: people talk, and the follower handles what they have said."""

from typing import Any

from groups.log import queries
from messaging import services
from messaging.inbox.follower import ThreadsAndInbox
from tests.cast import Person


async def say(who: Person, group_id: str, content: str, *, to: str | None = None) -> str:
    """Send a message, or a reply to one, and return its id."""
    sent = await services.send_message(actor=who.actor, group_id=group_id, content=content, parent_id=to)
    message_id: str = sent["message"]["id"]
    return message_id


def name(*people: Person) -> str:
    return " ".join(f"<@{one.id}>" for one in people)


async def entries(group_id: str, after: int = 0) -> list[Any]:
    return await queries.entries_after(group_id, after)


async def handle(group_id: str, *, after: int = 0, notify: bool = False) -> None:
    """Have the follower handle what follows the seq `after`: it takes what it has handled before again."""
    await ThreadsAndInbox().handle(group_id, await entries(group_id, after), notify=notify)
