"""Every event has a serializer, and its data has exactly the fields and types of that serializer."""

import importlib
import inspect
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from files.file_reference import FileReference
from groups.events import GroupChanged, GroupJoined, MembersChanged
from groups.models import Group
from groups.selectors import GroupSummary
from messaging.drafts.models import Draft
from messaging.event_serializers import SERIALIZERS
from messaging.events import (
    ClientReady,
    MessageDeleted,
    MessageEdited,
    MessageSent,
    Parent,
    PinChanged,
    ReactionsChanged,
    ServerDraining,
    ThreadChanged,
    TypingChanged,
)
from messaging.models import Message
from messaging.threads.counts import ThreadCounts
from moderation.case import Thing
from moderation.notices.models import Notice
from presence.events import PresenceChanged, ProfileChanged
from realtime.hub.change import Event
from users.actor import Actor
from users.events import UserUpdated
from users.user import CustomStatus, User

from .validator import DocumentValidator

pytestmark = pytest.mark.unit


ROOT = Path(__file__).resolve().parents[3]
NOW = "2026-01-31T12:00:00.000Z"
IMAGE = FileReference("file_1", "a.png", "image/png", 3, "group_1", "user_1", NOW, "ab12", width=1, height=1)
TEXT = FileReference("file_2", "a.txt", "text/plain", 3, "group_1", "user_1", NOW, "ab12")
MINIMAL = Message("group_1", 2, "user_1", "ahoy", NOW)
FULL = Message(
    *("group_1", 3, "user_1", "ahoy", NOW),
    version=2,
    updated_at=NOW,
    parent_id="group_1.2",
    reply_count=1,
    attachments=(IMAGE.as_wire(), TEXT.as_wire()),
    reactions=frozenset({"👍 user_1", "👍 user_2"}),
    client_id="alice-1",
    mentions=frozenset({"user_2", "!all", "!here"}),
    pinned={"userId": "user_2", "createdAt": NOW},
)
DELETED = Message("group_1", 2, "user_1", "", NOW, version=2, updated_at=NOW, deleted=True)
GROUP = Group("group_1", "Harbour", "group", NOW, "user_1")
SUMMARY = GroupSummary("group_1", "Harbour", "direct", "owner", head=3, read=1, unread=2, peer_id="user_2")
STATE = {"groupId": "group_1", "messages": [], "hasMore": False, "head": 3, "read": 1, "unread": 2}
STATE |= {"mentions": [3], "all": 1, "version": 4}
CHANGE = {"event": "message", "seq": 3, "data": MINIMAL.as_wire()}
ALICE = Actor("user_1", "Alice", "session_1", 0)
NEWCOMER = User("user_1", "Ada", None, None, "2026-03-14T15:09:26.535Z")
PROFILE = replace(
    NEWCOMER,
    image_url="/api/users/user_1/picture?v=picture_1",
    handle="ada",
    title="Countess",
    time_zone="Europe/London",
    status=CustomStatus("🌴", "On holiday", "2999-01-01T00:00:00.000Z"),
)
# Each event with as few fields as possible, and with all.
EVENTS: list[Event] = [
    ThreadChanged(STATE),
    ThreadChanged(
        {**STATE, "parentId": "group_1.2", "root": MINIMAL.as_wire(), "messages": [FULL.as_wire()]}
        | {"changes": [CHANGE], "reset": True, "following": True, "hasNewer": True, "around": 3, "unreadFrom": 3}
    ),
    ClientReady(ALICE, [], {}, {}),
    ClientReady(
        *(ALICE, [SUMMARY], {"user_1": "online", "user_2": "away"}, {"group_1": "changes", "group_2": "reset"}),
        revision=7,
        more=True,
        threads=ThreadCounts(3, 2, 1),
    ),
    MessageSent(MINIMAL),
    MessageSent(FULL, Parent("group_1.2", 1)),
    MessageSent(FULL, names_all=True),
    MessageSent(DELETED),
    MessageEdited(4, FULL),
    MessageDeleted(4, DELETED),
    ReactionsChanged(4, MINIMAL, "user_2", "👍", "remove"),
    ReactionsChanged(4, FULL, "user_2", "👍", "add"),
    PinChanged(4, MINIMAL, "user_2", "remove"),
    PinChanged(4, FULL, "user_2", "add"),
    GroupChanged(1, "user_1", GROUP),
    GroupJoined(1, SUMMARY.as_wire()),
    MembersChanged.of(
        group_id="group_1", seq=2, user_id="user_1", roles={"user_2": "admin", "user_3": None}, names={"user_2": "Bob"}
    ),
    TypingChanged("group_1", "user_1", "Alice", True),
    TypingChanged("group_1", "user_1", "Alice", False, "group_1.2"),
    PresenceChanged({}),
    PresenceChanged({"user_1": "offline", "user_2": "online"}, all=True),
    ProfileChanged(NEWCOMER.as_wire()),
    ProfileChanged(PROFILE.as_wire()),
    ServerDraining(0.2),
    UserUpdated(
        *(1, UserUpdated.READ_MARK),
        {"groupId": "group_1", "read": 3, "unread": 2, "mentions": [4], "all": 1, "head": 5, "version": 7},
    ),
    UserUpdated(
        *(2, UserUpdated.READ_MARK),
        {"groupId": "group_1", "parentId": "group_1.2", "read": 3, "unread": 1, "head": 5, "version": 1}
        | {"mentions": [4], "all": 1},
    ),
]


# The other shapes of the one event.
USER_UPDATES = {
    "ThreadUpdated": [
        UserUpdated(3, UserUpdated.THREAD, {"groupId": "group_1", "parentId": "group_1.2", "following": False}),
        UserUpdated(
            4, UserUpdated.THREAD, {"groupId": "group_1", "parentId": "group_1.2", "following": True, "replyCount": 2}
        ),
    ],
    "InboxUpdated": [
        UserUpdated(5, UserUpdated.INBOX, {"change": "read"}),
        UserUpdated(6, UserUpdated.INBOX, {"change": "added", "itemIds": ["group_1.2"]}),
    ],
    "ProfileUpdated": [UserUpdated(3, UserUpdated.PROFILE, {"user": PROFILE.as_wire()})],
    "ReportsUpdated": [UserUpdated(12, UserUpdated.REPORTS, {"open": 2})],
    "NoticeUpdated": [
        UserUpdated(13, UserUpdated.NOTICE, {"notice": Notice("case_1", NOW, "Be kinder.", about).as_wire()})
        for about in (Thing("message", "group_1.2"), Thing("user", "user_1"))
    ],
    "MentionsUpdated": [
        UserUpdated(7, UserUpdated.MENTIONS, {"groupId": "group_1", "mentions": [4, 6], "version": 8}),
    ],
    "ThreadMentionsUpdated": [
        UserUpdated(
            *(7, UserUpdated.THREAD_MENTIONS),
            {"groupId": "group_1", "parentId": "group_1.2", "mentions": [4], "version": 8},
        ),
    ],
    "DraftUpdated": [
        UserUpdated(8, UserUpdated.DRAFT, Draft("group_1", None, "", 1, NOW).as_wire()),
        UserUpdated(9, UserUpdated.DRAFT, Draft("group_1", "group_1.2", "ahoy", 2, NOW).as_wire()),
    ],
    "SavedUpdated": [
        UserUpdated(
            *(10, UserUpdated.SAVED), {"groupId": "group_1", "messageId": "group_1.2", "saved": False, "version": 1}
        ),
        UserUpdated(
            *(11, UserUpdated.SAVED),
            {"groupId": "group_1", "messageId": "group_1.2", "saved": True, "version": 2, "savedAt": NOW},
        ),
    ],
}


def event_classes() -> Iterator[type[Any]]:
    for path in ROOT.glob("*/events.py"):
        module = importlib.import_module(f"{path.parent.name}.events")
        for _, event in inspect.getmembers(module, inspect.isclass):
            if event.__module__ == module.__name__ and hasattr(event, "name") and hasattr(event, "data"):
                yield event


def test_every_event_has_a_serializer_and_is_tested_here() -> None:
    assert set(event_classes()) == SERIALIZERS.keys() == {type(event) for event in EVENTS}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_events_data_is_valid_by_its_serializer(validator: DocumentValidator, event: Event) -> None:
    assert validator.type_errors(SERIALIZERS[type(event)].__name__.removesuffix("Serializer"), event.data()) == []


@pytest.mark.parametrize("name", USER_UPDATES)
def test_a_users_own_events_have_a_shape_for_each_kind(validator: DocumentValidator, name: str) -> None:
    sent = set[str]()
    for event in USER_UPDATES[name]:
        assert validator.type_errors(name, event.data()) == []
        sent |= event.data().keys()
    assert sent == validator.schema(name)["properties"].keys()


@pytest.mark.parametrize("kind", SERIALIZERS, ids=lambda kind: kind.__name__)
def test_every_field_of_a_serializer_is_sent_by_some_event(validator: DocumentValidator, kind: type[Event]) -> None:
    sent = {field for event in EVENTS if type(event) is kind for field in event.data()}
    # Clients that have asked for it get HTML too (`messaging.text.answers.HtmlEncoder`).
    sent |= {"html"} if kind is MessageSent else set()
    assert sent == validator.schema(SERIALIZERS[kind].__name__.removesuffix("Serializer"))["properties"].keys()


@pytest.mark.parametrize(
    "data",
    [
        MessageSent(MINIMAL).data() | {"more": 1},
        {name: value for name, value in MessageSent(MINIMAL).data().items() if name != "seq"},
        MessageSent(MINIMAL).data() | {"seq": "2"},
        MessageSent(FULL).data() | {"attachments": [TEXT.as_wire() | {"more": 1}]},
    ],
    ids=["an extra field", "a missing field", "another type", "an extra nested field"],
)
def test_the_validator_is_strict(validator: DocumentValidator, data: dict[str, Any]) -> None:
    assert len(validator.type_errors("MessageSent", data)) == 1
