"""The Messages table: an item is one entry of one group's log; a message's own entry holds its present state too."""

from django.conf import settings
from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from dynamodb import store


class ThreadIndex(GlobalSecondaryIndex["Entry"]):  # type: ignore[no-untyped-call] # PynamoDB's own hook
    """Lists the replies of a message; sparse, since only replies carry a parentId."""

    class Meta:
        index_name = "thread"
        projection = AllProjection()

    parent_id = UnicodeAttribute(hash_key=True, attr_name="parentId")
    seq = NumberAttribute(range_key=True)


class Entry(store.Table):
    """One entry: `message`, `edit`, `delete`, `reaction`, `member` or `group` (see `kind`).

    Every entry carries its place (`seq`), who made it, when, and `messages`: how many top-level messages the log holds
    up to here. `nonce` tells a writer whether an entry that it finds after a lost answer is its own.
    """

    class Meta(store.TableMeta):
        table_name = f"{settings.NAMESPACE}-Messages"

    group_id = UnicodeAttribute(hash_key=True, attr_name="groupId")
    seq = NumberAttribute(range_key=True)
    kind = UnicodeAttribute()
    user_id = UnicodeAttribute(attr_name="userId")
    created_at = UnicodeAttribute(attr_name="createdAt")
    messages = NumberAttribute()
    nonce = UnicodeAttribute()

    # A message's own state.
    content = UnicodeAttribute(null=True)
    client_id = UnicodeAttribute(null=True, attr_name="clientId")
    digest = UnicodeAttribute(null=True)
    parent_id = UnicodeAttribute(null=True, attr_name="parentId")
    reply_number = NumberAttribute(null=True, attr_name="replyNumber")
    reply_count = NumberAttribute(null=True, attr_name="replyCount")
    attachments = JSONAttribute(null=True)
    reactions = UnicodeSetAttribute(null=True)
    version = NumberAttribute(null=True)
    updated_at = UnicodeAttribute(null=True, attr_name="updatedAt")
    deleted = BooleanAttribute(null=True)
    deleted_seq = NumberAttribute(null=True, attr_name="deletedSeq")

    # What a change changed.
    target = NumberAttribute(null=True)
    emoji = UnicodeAttribute(null=True)
    action = UnicodeAttribute(null=True)
    roles = JSONAttribute(null=True)
    name = UnicodeAttribute(null=True)

    by_thread = ThreadIndex()
