"""All events that a socket takes, as in `api`; `path` is the event's name."""

from tests.times import in_a_day

from .door import CONFLICT, INVALID, NOT_FOUND, OK, Door

_MESSAGE = {"messageId": "$message"}


def _event(data: object, outsider: str = NOT_FOUND, guest: str = NOT_FOUND) -> Door:
    return Door("", outsider, guest, data)


EVENTS = {
    "message": _event({"groupId": "$group", "content": "<@$user> look"}, NOT_FOUND, INVALID),
    "edit_message": _event({**_MESSAGE, "content": "mine now"}),
    "delete_message": _event(_MESSAGE),
    "reaction": _event({**_MESSAGE, "emoji": "x", "action": "add"}),
    "pin": _event({**_MESSAGE, "action": "add"}),
    "save_message": _event({**_MESSAGE, "action": "add"}),
    "draft": _event({"groupId": "$group", "content": "let me in"}),
    "quote": _event(_MESSAGE),
    "message_history": _event(_MESSAGE),
    "forward_message": _event({**_MESSAGE, "groupId": "$group"}),
    "thread_sync": _event({"groupId": "$group", "parentId": "$message"}),
    "thread_typing": _event({"groupId": "$group", "typing": True}),
    "thread_read": _event({"groupId": "$group", "seq": 1}),
    "mark_unread": _event(_MESSAGE),
    "thread_follow": _event({**_MESSAGE, "following": True}),
    "group_settings": _event({"groupId": "$group", "favourite": True}),
    "schedule_message": _event({"groupId": "$group", "content": "<@$user> look", "at": in_a_day()}),
    "change_scheduled": _event({"scheduledId": "$scheduled", "content": "mine now"}),
    "cancel_scheduled": _event({"scheduledId": "$scheduled"}),
    "remind": _event({**_MESSAGE, "when": "1_hour"}),
    "cancel_reminder": _event({"reminderId": "$reminder"}),
    "search": _event({"q": "between from:$user"}, OK, INVALID),
    # One's own.
    "inbox_read": _event({"itemIds": ["$message"]}, OK, OK),
    "sections": _event({"sections": [{"name": "n"}], "ifVersion": 99}, CONFLICT, CONFLICT),
    "presence": _event({"status": "away"}, OK, OK),
    "authenticate": _event({"token": "$ownToken"}, OK, OK),
}
