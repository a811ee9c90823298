"""Every entry point returns the same code for the same attempt, and an attempt that fails stores nothing."""

# Long: one table of all that somebody may try, which reads better in one piece.

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from groups import selectors as group_selectors
from groups import services as groups
from groups.invitations.services import make_link
from messaging import services as messages
from messaging.later.planning import schedule_message
from messaging.later.reminding import remind
from users import privacy
from users.actor import Actor

from .cast import Person, person
from .entry_points import (
    OK,
    EntryPoint,
    HttpEntryPoint,
    PageEntryPoint,
    SocketEntryPoint,
    http_entry_point,
    page_entry_point,
    socket_entry_point,
)
from .files.conftest import store
from .parity_case import Case
from .parity_conversations import CONVERSATION_CASES
from .parity_kept import KEPT_CASES, kept_by
from .parity_moderation import MODERATION_CASES, moderated_by
from .parity_notifications import NOTIFICATION_CASES, told_by
from .parity_own import OWN_CASES, own_by
from .parity_places import PLACE_CASES, place_by
from .parity_planned import PLANNED_CASES, planned_by
from .parity_reading import READING_CASES, read_by
from .parity_search import SEARCH_CASES
from .serving import Server, serving
from .times import in_a_day

LONG = "x" * 10_000
ABSENT_GROUP = "group_0000000000000000"


@dataclass
class Scene:
    """A group that alice owns and bob is a member of; `values` are what the table names as `$name`."""

    group_id: str
    people: dict[str, Person]
    entry_points: dict[tuple[str, str], EntryPoint]
    values: dict[str, Any] = field(default_factory=dict)

    async def send(self, actor: str, content: str, **more: Any) -> str:
        sent = await messages.send_message(
            actor=self.people[actor].actor, group_id=self.group_id, content=content, **more
        )
        message_id: str = sent["message"]["id"]
        return message_id

    async def fill(self, data: dict[str, Any]) -> dict[str, Any]:
        """Replace `$name` with its value.

        `$new <person>` is the id of a message that this person sends now, `$upload <person>` a list with the id of a
        file that they upload now.
        """
        return {name: await self._value(value) for name, value in data.items()}

    async def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [await self._value(item) for item in value]
        if not isinstance(value, str) or not value.startswith("$"):
            return value
        if value.startswith("$new "):
            return await self.send(value.removeprefix("$new "), "say something")
        if value.startswith("$upload "):
            return [(await store(self.people[value.removeprefix("$upload ")], self.group_id)).id]
        if value == "$nonce":
            return uuid4().hex
        return self.values[value[1:]]

    async def head(self) -> int:
        return (await group_selectors.get_head_position(group_id=self.group_id)).seq

    async def read_marks(self) -> list[Any]:
        """Return bob's marks, with what the messages that he sent before have moved in the server and here."""
        bob, server = self.people["bob"].actor, self.entry_points["http", "bob"]
        assert isinstance(server, HttpEntryPoint)
        thread = self.values["alice's"]
        for path in ("/api/groups", f"/api/messages/{thread}/thread"):
            (await server.client.get(path)).raise_for_status()
        threads = (None, thread)
        return [
            await group_selectors.get_read_mark(actor=bob, group_id=self.group_id, parent_id=parent)
            for parent in threads
        ]


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    # What others did before must not move a read mark during an attempt.
    async with serving({"READ_MARK_INTERVAL": "3600"}) as server:
        yield server


@pytest.fixture(scope="module")
async def scene(server: Server) -> AsyncIterator[Scene]:
    people = {name: await person(name.title()) for name in ("alice", "bob", "charlie")}
    group = await groups.create_group(actor=people["alice"].actor, name="Harbour", member_ids=[people["bob"].id])
    scene = Scene(group.id, people, {})
    bob = people["bob"].actor
    scene.values = {
        "group": group.id,
        "alice's": await scene.send("alice", "from alice"),
        "bob's": await scene.send("bob", "from bob"),
        "deleted": await scene.send("bob", "to be deleted"),
        "absent": f"{group.id}.999999",
        "not_a_message": f"{group.id}.1",
        "taken": "taken-already",
        "taken_with_file": "taken-with-file",
        "taken_group": "taken-group",
        "attached": [(await store(people["bob"], group.id)).id],
        **await _of_conversations(people, group.id),
    }
    scene.values |= await _places(people)
    scene.values |= await _planned(bob, scene.values["alice's"])
    scene.values["reply"] = await scene.send("bob", "a reply", parent_id=scene.values["alice's"])
    await scene.send("bob", "the first under this clientId", client_id="taken-already")
    await groups.create_group(actor=bob, name="Taken", client_id="taken-group")
    await messages.delete_message(actor=bob, message_id=scene.values["deleted"])
    await scene.send("bob", "see the file", client_id="taken-with-file", attachments=scene.values["attached"])
    async with AsyncExitStack() as entry_points:
        for name in ("alice", "bob", "charlie", "nobody"):
            actor = people.get(name)
            for kind, entry_point in (
                ("http", http_entry_point(server.url, actor)),
                ("socket", socket_entry_point(server.url, actor)),
                ("page", page_entry_point(server.url, actor, group.id)),
            ):
                scene.entry_points[kind, name] = await entry_points.enter_async_context(entry_point)
        yield scene


async def _of_conversations(people: dict[str, Person], group_id: str) -> dict[str, Any]:
    """Return the ids of people, of whom one lets nobody begin a conversation, and the token of a link to the group."""
    wary = await person("Wary")
    await privacy.set_addable_by(actor=wary.actor, addable_by="nobody")
    made = await make_link(actor=people["alice"].actor, group_id=group_id)
    ids = {f"{name}_id": each.id for name, each in {**people, "wary": wary}.items()}
    return {**ids, "link": parse_qs(urlsplit(made.address).query)["link"][0]}


async def _places(people: dict[str, Person]) -> dict[str, str]:
    """Make a public group, one in which only its owner posts, and an archived one with a message."""
    alice, bob = people["alice"].actor, people["bob"].id
    public = await groups.create_group(actor=alice, name="Open sea", visibility="public")
    quiet, archived = [await groups.create_group(actor=alice, name=name, member_ids=[bob]) for name in ("News", "Old")]
    sent = await messages.send_message(actor=alice, group_id=archived.id, content="long ago")
    await groups.change_group(actor=alice, group_id=quiet.id, policy={"post": "owner"})
    await groups.change_group(actor=alice, group_id=archived.id, archived=True)
    ids = {"public": public.id, "quiet": quiet.id, "archived": archived.id}
    return {**ids, "archived_message": sent["message"]["id"]}


async def _planned(bob: Actor, message_id: str) -> dict[str, str]:
    """Plan a message of bob's and a reminder, for other years."""
    group_id, far = message_id.rpartition(".")[0], datetime.now(UTC) + timedelta(days=300)
    planned = await schedule_message(actor=bob, group_id=group_id, content="in a year", at=far)
    reminder = await remind(actor=bob, message_id=message_id, at=far)
    wall = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT09:00")
    ids = {"scheduled": planned["scheduled"]["id"], "reminder": reminder["reminder"]["id"]}
    return {**ids, "in a day": in_a_day(), "wall in a day": wall}


def _send(**more: Any) -> dict[str, Any]:
    return {"groupId": "$group", "content": "hello", **more}


def _by(actor: str, expected: str) -> list[Case]:
    """Every operation, by someone actor may do none of them."""
    return [
        Case(actor, "send", _send(), expected),
        Case(actor, "send", _send(parentId="$alice's"), expected),
        Case(actor, "send", _send(parentId="$deleted"), expected),
        Case(actor, "send", _send(clientId="$taken"), expected),
        Case(actor, "edit", {"messageId": "$bob's", "content": "other"}, expected),
        Case(actor, "edit", {"messageId": "$deleted", "content": "other"}, expected),
        Case(actor, "edit", {"messageId": "$bob's", "content": "other", "ifVersion": 7}, expected),
        Case(actor, "delete", {"messageId": "$bob's"}, expected),
        Case(actor, "delete", {"messageId": "$deleted"}, expected),
        Case(actor, "react", {"messageId": "$bob's", "emoji": "👍", "action": "add"}, expected),
        Case(actor, "react", {"messageId": "$bob's", "emoji": "👍", "action": "remove"}, expected),
        Case(actor, "mark_read", {"groupId": "$group", "seq": 1}, expected),
        Case(actor, "mark_read", {"groupId": "$group", "parentId": "$alice's", "seq": 1}, expected),
        Case(actor, "mark_unread", {"messageId": "$reply"}, expected),
        Case(actor, "follow", {"messageId": "$alice's"}, expected),
        Case(actor, "unfollow", {"messageId": "$alice's"}, expected),
        Case(actor, "list", {"groupId": "$group"}, expected),
        Case(actor, "thread", {"messageId": "$alice's"}, expected),
        *kept_by(actor, expected),
        *own_by(actor, expected),
        *told_by(actor, expected),
        *place_by(actor, expected),
        *moderated_by(actor, expected),
        *read_by(actor, expected),
        *planned_by(actor, expected),
    ]


CASES = [
    *_by("charlie", "not_found"),
    *_by("nobody", "unauthenticated"),
    # --- send --------------------------------------------------------------------------------------------------------
    Case("alice", "send", _send()),
    Case("bob", "send", _send(content=LONG)),
    Case("bob", "send", _send(content="  as typed \n")),
    Case("bob", "send", _send(parentId="$alice's")),
    Case("bob", "send", _send(content="the first under this clientId", clientId="$taken"), OK, stores=0),
    Case("bob", "send", _send(clientId="$taken"), "idempotency_conflict"),
    Case("bob", "send", _send(clientId="$nonce")),
    Case("bob", "send", _send(content=LONG + "x"), "invalid"),
    Case("bob", "send", _send(content=" \n\t"), "invalid"),
    Case("bob", "send", _send(content="\u200b\u2800 \u034f"), "invalid"),
    Case("bob", "send", _send(content="q" + "\u0301" * 7), "invalid"),
    Case("bob", "send", _send(clientId="x" * 65), "invalid"),
    Case("bob", "send", _send(after=-1), "invalid"),
    Case("bob", "send", _send(parentId="$reply"), "invalid"),
    Case("bob", "send", _send(parentId="$deleted"), "gone"),
    Case("bob", "send", _send(parentId="$absent"), "not_found"),
    Case("bob", "send", _send(parentId="$not_a_message"), "not_found"),
    Case("bob", "send", _send(parentId="nonsense"), "not_found"),
    Case("bob", "send", _send(groupId=ABSENT_GROUP), "not_found"),
    Case("bob", "send", _send(attachments=["absent"]), "invalid"),
    Case("bob", "send", _send(attachments="$upload bob")),
    Case("bob", "send", _send(attachments="$upload alice"), "invalid"),
    Case("bob", "send", _send(attachments="$attached"), "invalid"),
    Case("bob", "send", _send(attachments="$attached", parentId="$alice's"), "invalid"),
    Case("bob", "send", _send(attachments="$attached", clientId="$nonce"), "invalid"),
    Case("bob", "send", _send(content="see the file", clientId="$taken_with_file", attachments="$attached"), stores=0),
    Case("bob", "send", _send(content="<@$nobody> **<!here>** `<!all>`")),
    Case("bob", "send", _send(content="<!all>")),
    Case("bob", "send", _send(content="> " * 5000)),
    # --- edit --------------------------------------------------------------------------------------------------------
    Case("bob", "edit", {"messageId": "$new bob", "content": "better"}),
    Case("bob", "edit", {"messageId": "$new bob", "content": "better", "ifVersion": 1}),
    Case("bob", "edit", {"messageId": "$bob's", "content": "from bob"}, OK, stores=0),
    Case("bob", "edit", {"messageId": "$new bob", "content": "better, <!all>"}),
    Case("alice", "edit", {"messageId": "$bob's", "content": "better"}, "forbidden"),
    Case("bob", "edit", {"messageId": "$alice's", "content": "better"}, "forbidden"),
    Case("bob", "edit", {"messageId": "$bob's", "content": "better", "ifVersion": 9}, "version_conflict"),
    Case("bob", "edit", {"messageId": "$bob's", "content": "better", "ifVersion": 0}, "invalid"),
    Case("bob", "edit", {"messageId": "$bob's", "content": " "}, "invalid"),
    Case("bob", "edit", {"messageId": "$bob's", "content": "\ufeff"}, "invalid"),
    Case("bob", "edit", {"messageId": "$bob's", "content": LONG + "x"}, "invalid"),
    Case("bob", "edit", {"messageId": "$deleted", "content": "better"}, "gone"),
    Case("bob", "edit", {"messageId": "$absent", "content": "better"}, "not_found"),
    Case("bob", "edit", {"messageId": "$not_a_message", "content": "better"}, "not_found"),
    Case("bob", "edit", {"messageId": "nonsense", "content": "better"}, "not_found"),
    # --- delete ------------------------------------------------------------------------------------------------------
    Case("bob", "delete", {"messageId": "$new bob"}),
    Case("alice", "delete", {"messageId": "$new bob"}),
    Case("bob", "delete", {"messageId": "$deleted"}, OK, stores=0),
    Case("bob", "delete", {"messageId": "$alice's"}, "forbidden"),
    *[Case("bob", "delete", {"messageId": id_}, "not_found") for id_ in ("$absent", "$not_a_message")],
    # --- react -------------------------------------------------------------------------------------------------------
    Case("bob", "react", {"messageId": "$new alice", "emoji": "👍", "action": "add"}),
    Case("bob", "react", {"messageId": "$bob's", "emoji": "👍", "action": "remove"}, OK, stores=0),
    Case("bob", "react", {"messageId": "$bob's", "emoji": "two words", "action": "add"}, "invalid"),
    Case("bob", "react", {"messageId": "$bob's", "emoji": "\ufe0f", "action": "add"}, "invalid"),
    Case("bob", "react", {"messageId": "$bob's", "emoji": "a\u202eb", "action": "add"}, "invalid"),
    Case("bob", "react", {"messageId": "$bob's", "emoji": "x" * 33, "action": "add"}, "invalid"),
    Case("bob", "react", {"messageId": "$bob's", "emoji": "👍", "action": "toggle"}, "invalid"),
    Case("bob", "react", {"messageId": "$deleted", "emoji": "👍", "action": "add"}, "gone"),
    Case("bob", "react", {"messageId": "$absent", "emoji": "👍", "action": "add"}, "not_found"),
    # --- read marks --------------------------------------------------------------------------------------------------
    Case("bob", "mark_read", {"groupId": "$group", "seq": 2}),
    *[Case("bob", "mark_read", {"groupId": "$group", "seq": seq}, "invalid") for seq in (-1, "soon")],
    Case("bob", "mark_read", {"groupId": ABSENT_GROUP, "seq": 1}, "not_found"),
    Case("bob", "mark_read", {"groupId": "$group", "parentId": "$alice's", "seq": 2}),
    Case("bob", "mark_read", {"groupId": "$group", "parentId": "$reply", "seq": 2}, "not_found"),
    Case("bob", "mark_read", {"groupId": "$group", "parentId": "$absent", "seq": 2}, "not_found"),
    *[Case("bob", "mark_unread", {"messageId": id_}) for id_ in ("$alice's", "$reply", "$deleted")],
    *[Case("bob", "mark_unread", {"messageId": id_}, "not_found") for id_ in ("$absent", "$not_a_message", "x.1")],
    # --- threads and the inbox ---------------------------------------------------------------------------------------
    Case("bob", "follow", {"messageId": "$alice's"}),
    Case("bob", "follow", {"messageId": "$new alice"}),
    Case("bob", "follow", {"messageId": "$deleted"}),
    Case("bob", "unfollow", {"messageId": "$alice's"}),
    Case("bob", "unfollow", {"messageId": "$new alice"}),
    Case("bob", "follow", {"messageId": "$reply"}, "not_found"),
    Case("bob", "follow", {"messageId": "$absent"}, "not_found"),
    Case("bob", "unfollow", {"messageId": "$not_a_message"}, "not_found"),
    Case("bob", "follow", {"messageId": "nonsense"}, "not_found"),
    Case("bob", "follow", {"messageId": "x" * 129}, "invalid"),
    Case("bob", "read_inbox", {"itemIds": ["nonsense", ABSENT_GROUP]}),
    Case("bob", "read_inbox", {"itemIds": []}),
    Case("charlie", "read_inbox", {"itemIds": ["nonsense"]}),
    Case("bob", "read_inbox", {"itemIds": ["x" * 201]}, "invalid"),
    Case("bob", "read_inbox", {"itemIds": ["x"] * 101}, "invalid"),
    Case("nobody", "read_inbox", {"itemIds": []}, "unauthenticated"),
    # --- groups ------------------------------------------------------------------------------------------------------
    Case("bob", "create_group", {"name": "Port"}),
    Case("bob", "create_group", {"name": "Port", "clientId": "$nonce"}),
    Case("bob", "create_group", {"name": "Taken", "clientId": "$taken_group"}),
    Case("bob", "create_group", {"name": "Other", "clientId": "$taken_group"}, "idempotency_conflict"),
    Case("bob", "create_group", {"name": "Taken", "clientId": "$taken_group", "memberIds": []}),
    Case("bob", "create_group", {"name": "Port", "clientId": "x" * 65}, "invalid"),
    Case("bob", "create_group", {"name": " "}, "invalid"),
    Case("bob", "create_group", {"name": "Port", "memberIds": ["user_nobody"]}, "invalid"),
    Case("nobody", "create_group", {"name": "Port"}, "unauthenticated"),
    Case("bob", "create_group", {"name": "a\u200bb"}, "invalid"),
    Case("bob", "create_group", {"name": "\u3164"}, "invalid"),
    Case("bob", "rejoin", {"left": "$group"}),
    Case("charlie", "rejoin", {"left": "$group"}, "not_found"),
    Case("bob", "rejoin", {"left": ABSENT_GROUP}, "not_found"),
    Case("nobody", "rejoin", {"left": "$group"}, "unauthenticated"),
    # --- reading -----------------------------------------------------------------------------------------------------
    Case("bob", "list", {"groupId": "$group"}),
    Case("bob", "list", {"groupId": "$group", "limit": 1}),
    Case("bob", "list", {"groupId": "$group", "limit": 0}, "invalid"),
    Case("bob", "list", {"groupId": "$group", "limit": 101}, "invalid"),
    Case("bob", "list", {"groupId": "$group", "before": 2}),
    Case("bob", "list", {"groupId": "$group", "before": "yesterday"}, "invalid"),
    Case("bob", "list", {"groupId": ABSENT_GROUP}, "not_found"),
    Case("bob", "thread", {"messageId": "$alice's"}),
    Case("bob", "thread", {"messageId": "$alice's", "before": 2}),
    Case("bob", "thread", {"messageId": "$alice's", "before": 0}, "invalid"),
    Case("bob", "list", {"groupId": "$group", "before": 0}, "invalid"),
    Case("charlie", "thread", {"messageId": "$alice's", "before": 2}, "not_found"),
    Case("charlie", "list", {"groupId": "$group", "before": 2}, "not_found"),
    *[Case("bob", "thread", {"messageId": id_}, "not_found") for id_ in ("$absent", "$not_a_message")],
    *KEPT_CASES,
    *CONVERSATION_CASES,
    *OWN_CASES,
    *PLANNED_CASES,
    *NOTIFICATION_CASES,
    *PLACE_CASES,
    *MODERATION_CASES,
    *READING_CASES,
    *SEARCH_CASES,
]


ENTRY_POINTS: dict[str, type[EntryPoint]] = {"http": HttpEntryPoint, "socket": SocketEntryPoint, "page": PageEntryPoint}


@pytest.mark.parametrize(
    ("kind", "case"),
    [
        pytest.param(kind, case, id=f"{kind}: {case}")
        for case in CASES
        for kind, entry_point in ENTRY_POINTS.items()
        if entry_point.accepts(case.operation, case.data)
    ],
)
async def test_every_entry_point_returns_the_same_code(scene: Scene, case: Case, kind: str) -> None:
    entry_point = scene.entry_points[kind, case.actor]
    data = await scene.fill(case.data)
    head, read_marks = await scene.head(), await scene.read_marks()
    code = await entry_point.attempt(case.operation, data)
    assert entry_point.matches(code, case.expected), code
    assert await scene.head() == head + case.entries
    if case.expected != OK:
        assert await scene.read_marks() == read_marks
