"""Tells people's own connections that something in their inbox has changed."""

from collections.abc import Sequence

from users.events import UserUpdated
from users.updates import user_updates

# An event names so many items at most; of more it says that all may have changed.
_MAX_NAMED = 50


def tell_inbox(user_id: str, change: str, item_ids: Sequence[str] | None = None) -> None:
    """Tell that these items were `added`, `removed` or `read`; without ids, that any may have been."""
    named = {"itemIds": list(item_ids)} if item_ids is not None and len(item_ids) <= _MAX_NAMED else {}
    user_updates().tell(user_id, UserUpdated.INBOX, {"change": change, **named})
