"""What the page of saved messages shows: each as it is now, where it was said, and by whom."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from foundation.ids import parse_message_id
from groups import selectors as groups
from messaging.links import link_to
from messaging.saved.selectors import list_saved
from messaging.text.answers import with_html
from users import selectors as users
from users.actor import Actor


async def saved_context(actor: Actor, cursor: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Return the template's context for a page: the first, or the one after `cursor`."""
    page = await list_saved(actor=actor, cursor=cursor)
    messages = [each["message"] for each in page["saved"] if "message" in each]
    await with_html({"messages": messages}, actor=actor)
    known = await users.get_users(user_ids={message["userId"] for message in messages})
    summaries = await groups.list_summaries(actor=actor, group_ids={message["groupId"] for message in messages})
    names = {user_id: user.name for user_id, user in known.items()}
    group_names = {summary.id: summary.name for summary in summaries}
    more = f"{reverse('web:saved')}?{urlencode({'cursor': page['nextCursor']})}" if "nextCursor" in page else ""
    return {
        "actor": actor,
        "items": [_item(each, names, group_names) for each in page["saved"]],
        "more_url": more,
        "is_later": cursor is not None,
    }


def _item(each: dict[str, Any], names: dict[str, str], group_names: dict[str, str]) -> dict[str, Any]:
    message = each.get("message")
    group_id, seq = parse_message_id(each["messageId"]) or ("", 0)
    item = {**each, "save_url": reverse("web:save", args=[group_id, each["messageId"]])}
    if message is None:
        return item
    return {
        **item,
        "author": names.get(message["userId"], gettext("Someone who has left")),
        "group_name": group_names.get(group_id, ""),
        "at": datetime.fromisoformat(message["createdAt"]),
        "permalink": link_to(group_id, seq),
    }
