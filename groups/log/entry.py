"""The Messages table: each item is one entry of a group's log; a message's entry also holds its current state."""

from collections.abc import Iterable

from django.conf import settings
from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from dynamodb import store
from realtime.hub.change import Position


class ThreadIndex(GlobalSecondaryIndex["Entry"]):  # type: ignore[no-untyped-call] # PynamoDB's own hook
    """Lists the replies of a message; sparse, since only replies carry a parentId."""

    class Meta:
        index_name = "thread"
        projection = AllProjection()

    parent_id = UnicodeAttribute(hash_key=True, attr_name="parentId")
    seq = NumberAttribute(range_key=True)


class Entry(store.Table):
    """One entry; `kind` is `message`, `edit`, `delete`, `reaction`, `pin`, `member` or `group`.

    Entries are numbered by `seq`, from 1 and without a hole. `message_count` is how many top-level messages the log
    holds up to and including this entry, `all_count` how many of them name everybody (none: 0), `rules` what the group
    lets its members do after it (`groups.policy`). A writer whose response was lost knows its own entry by `nonce`.
    """

    class Meta(store.TableMeta):
        table_name = f"{settings.NAMESPACE}-Messages"

    group_id = UnicodeAttribute(hash_key=True, attr_name="groupId")
    seq = NumberAttribute(range_key=True)
    kind = UnicodeAttribute()
    user_id = UnicodeAttribute(attr_name="userId")
    created_at = UnicodeAttribute(attr_name="createdAt")
    message_count = NumberAttribute(attr_name="messages")
    all_count = NumberAttribute(null=True, attr_name="alls")
    rules = UnicodeAttribute(null=True)
    nonce = UnicodeAttribute()

    # Of a message: its current state. `reply_number` is its place among the replies of its parent, `last_reply` the seq
    # of the last of the replies that `reply_count` counts. `reply_alls` is how many of those name everybody, or on a
    # reply, of those up to it. `mentions` has the ids of the members whom it names, `!` and the id of a team by which
    # it does, and `!all` or `!here`; on an edit, what it did not name before. Where a team is named, `named_directly`
    # has those whom it names by themselves. `named_later` has by time those whom an edit has named. `unnamed` are those
    # whom the message names no longer since this edit or deletion, `first_named`, of a message that was edited or
    # deleted, those whom it named at first. `edits` are the seqs of the edits that hold a `former` text of the message.
    # `pinned` has who pinned it, and when. `counts_for_all`: it is one of those that `all_count`, or its thread's
    # `reply_alls`, counts, whatever it says now.
    content = UnicodeAttribute(null=True)
    client_id = UnicodeAttribute(null=True, attr_name="clientId")
    digest = UnicodeAttribute(null=True)
    parent_id = UnicodeAttribute(null=True, attr_name="parentId")
    reply_number = NumberAttribute(null=True, attr_name="replyNumber")
    reply_count = NumberAttribute(null=True, attr_name="replyCount")
    last_reply = NumberAttribute(null=True, attr_name="lastReply")
    reply_alls = NumberAttribute(null=True, attr_name="replyAlls")
    attachments = JSONAttribute(null=True)
    mentions = UnicodeSetAttribute(null=True)
    named_later = JSONAttribute(null=True, attr_name="namedLater")
    named_directly = UnicodeSetAttribute(null=True, attr_name="namedDirectly")
    unnamed = UnicodeSetAttribute(null=True)
    first_named = UnicodeSetAttribute(null=True, attr_name="firstNamed")
    counts_for_all = BooleanAttribute(null=True, attr_name="all")
    edits = JSONAttribute(null=True)
    reactions = UnicodeSetAttribute(null=True)
    # The emoji of the reactions in the order in which they were first used, with spaces between them.
    emoji_order = UnicodeAttribute(null=True, attr_name="emojiOrder")
    pinned = JSONAttribute(null=True)
    version = NumberAttribute(null=True)
    updated_at = UnicodeAttribute(null=True, attr_name="updatedAt")
    deleted = BooleanAttribute(null=True)
    deleted_seq = NumberAttribute(null=True, attr_name="deletedSeq")

    # Of other kinds: what was changed. `target_seq` is the message's seq; `roles` maps user ids to a role, or to None
    # when the user left; `changed` what was changed of the group, beside its name, as the API names it.
    target_seq = NumberAttribute(null=True, attr_name="target")
    former = UnicodeAttribute(null=True)
    emoji = UnicodeAttribute(null=True)
    action = UnicodeAttribute(null=True)
    roles = JSONAttribute(null=True)
    name = UnicodeAttribute(null=True)
    changed = JSONAttribute(null=True)

    by_thread = ThreadIndex()

    @property
    def position(self) -> Position:
        """The place of this entry in its log."""
        # Reading each value through PynamoDB's descriptors would cost more.
        value = self.attribute_values
        return Position(int(value["seq"]), int(value["message_count"]), int(value.get("all_count") or 0))


def named_at(message: Entry, user_id: str) -> str:
    """Return when somebody whom a message names was named: when it was sent, or edited since."""
    later: dict[str, list[str]] = message.named_later or {}
    return next((moment for moment, user_ids in later.items() if user_id in user_ids), message.created_at)


def user_ids_of(mentions: Iterable[str]) -> set[str]:
    """Return the ids of the members among those whom an entry names, without teams, `!all` and `!here`."""
    return {target for target in mentions if not target.startswith("!")}
