"""What tests of search do: people talk, the follower handles it, and somebody searches."""

from typing import Any

from foundation.cursors import decode_cursor
from groups.log import queries
from messaging import services
from search.follower import SearchIndex
from search.selectors import NEWEST, search
from tests.cast import Person


async def index(group_id: str, *, after: int = 0) -> None:
    """Have the follower handle what follows the seq `after`, in batches as a server hands them over."""
    while entries := await queries.entries_after(group_id, after, limit=100):
        await SearchIndex().handle(group_id, entries, notify=False)
        after = int(entries[-1].seq)


async def say(who: Person, group_id: str, content: str, **more: Any) -> str:
    """Send a message and return its id; it is indexed later."""
    sent = await services.send_message(actor=who.actor, group_id=group_id, content=content, **more)
    message_id: str = sent["message"]["id"]
    return message_id


async def found(who: Person, query: str, *, limit: int = 50, order: str = NEWEST) -> list[str]:
    """Return the ids of all messages that somebody finds, in order, page by page."""
    ids: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = await search(actor=who.actor, query=query, order=order, limit=limit, **more)
        ids += [item["message"]["id"] for item in page["items"]]
        if "nextCursor" not in page:
            return ids
        more = {"cursor": cursor_of(page)}


def cursor_of(page: dict[str, Any]) -> tuple[str, ...]:
    return decode_cursor(page["nextCursor"], 1)
