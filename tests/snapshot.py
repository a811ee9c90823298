"""A client's copy of a group: read anew, or kept up to date by changes; the two must always be equal."""

from typing import Any

from groups import selectors as groups
from messaging import selectors as messages
from users import selectors as users

from .cast import Person


class Snapshot:
    """A group as of `seq`: messages by id, what it says of itself, and (name, role) of its members by user id."""

    def __init__(self) -> None:
        self.seq = 0
        self.messages: dict[str, dict[str, Any]] = {}
        self.group: dict[str, Any] = {}
        self.members: dict[str, tuple[str, str]] = {}

    __hash__ = None  # type: ignore[assignment] # mutable

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Snapshot) and vars(self) == vars(other)

    def __repr__(self) -> str:
        return repr(vars(self))

    def copy(self) -> "Snapshot":
        copy = Snapshot()
        copy.seq, copy.group = self.seq, self.group
        copy.messages = {key: dict(message) for key, message in self.messages.items()}
        copy.members = dict(self.members)
        return copy

    @classmethod
    async def take(cls, person: Person, group_id: str) -> "Snapshot":
        """Read everything, as a client does that has nothing yet."""
        snapshot = cls()
        page = await messages.list_messages(actor=person.actor, group_id=group_id, limit=100)
        assert not page.has_more, "the test needs the whole history in one page"
        for message in page.messages:
            snapshot.messages[message["id"]] = message
            if message.get("replyCount"):
                thread = await messages.list_thread(actor=person.actor, message_id=message["id"], limit=100)
                snapshot.messages |= {reply["id"]: reply for reply in thread["messages"]}
        snapshot.group = (await groups.get_group(actor=person.actor, group_id=group_id)).as_wire()
        members = (await groups.list_members(actor=person.actor, group_id=group_id)).members
        profiles = await users.get_users(user_ids=[member.user_id for member in members])
        snapshot.members = {m.user_id: (profiles[m.user_id].name, m.role) for m in members}
        snapshot.seq = page.head
        return snapshot

    def apply(self, event: str, data: dict[str, Any]) -> None:
        """Apply one change as docs/sockets.md tells clients to; it must be the next in the log."""
        assert data["seq"] == self.seq + 1, f"{event} {data['seq']} after {self.seq}"
        self.seq = data["seq"]
        getattr(self, f"_on_{event}")(data)

    def _on_message(self, data: dict[str, Any]) -> None:
        message = {key: value for key, value in data.items() if key not in ("parent", "namesAll")}
        self.messages[message["id"]] = message
        if parent := data.get("parent"):
            self.messages[parent["id"]]["replyCount"] = parent["replyCount"]

    def _on_message_update(self, data: dict[str, Any]) -> None:
        self.messages[data["message"]["id"]] = data["message"]

    def _on_message_delete(self, data: dict[str, Any]) -> None:
        self.messages[data["messageId"]] = data["message"]

    def _on_reaction_update(self, data: dict[str, Any]) -> None:
        message = self.messages[data["messageId"]]
        message.pop("reactions", None)
        if data["reactions"]:
            message["reactions"] = data["reactions"]

    def _on_pin_update(self, data: dict[str, Any]) -> None:
        message = self.messages[data["messageId"]]
        message.pop("pinned", None)
        if "pinned" in data:
            message["pinned"] = data["pinned"]

    def _on_group_update(self, data: dict[str, Any]) -> None:
        self.group = data["group"]

    def _on_member_update(self, data: dict[str, Any]) -> None:
        for member in data["members"]:
            if member["role"] is None:
                self.members.pop(member["userId"], None)
            else:
                self.members[member["userId"]] = (member["name"], member["role"])
