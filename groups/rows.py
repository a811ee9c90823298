"""The rows of the Groups table, as PynamoDB maps them: `models` has the queries."""

from django.conf import settings
from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from dynamodb import store


class GroupRow(store.Table):
    """A row of a group, or of what a user has of one.

    In a group's partition, `item` is `group`, `member#<userId>`, `read#<userId>#<parentId>` (the read mark of a thread)
    or `file#<fileId>`. On the group's own row `member_count` is how many members it has, on a member row `created_at`
    is when they joined; `seq` and `message_count` are those of a read mark, and on a file's row `seq` is that of the
    message that it is attached to (docs/decisions/0017). `pin#<seq>` says that the message at `seq` is pinned.
    `picture_id` is the picture of the group, in MongoDB (`files/pictures/`).
    `people` are the ids of all who are in a direct conversation, unless they are two (`direct`).

    `closed_by` has those who have blocked the other one of their direct conversation (`blocking`).

    The partition `deletions` has an item of each deleted group that is yet to be erased (`erasing`).

    The partitions `directory#<00 to ff>` have an item of each group, which says how far the followers of its log have
    come (`followers.places`), and `followers` one of each follower (`followers.registrations`): `version` counts the
    writes of the former, and the generations of the latter.

    The items `invitation#<id>` are described in `invitations.models`, `asked#<groupId>`, in the partition of a user, in
    `asked`, and `asking#<userId>` in `asking`. The items `left#<userId>` are described in `left`, and the item
    `creation` in `creations`: its `name` is a digest, `pending` the ids of users to be added.

    The partition `memberships#<userId>` is a user's own (`memberships`, docs/decisions/0023): `groups` holds the ids of
    the groups that the user is in, and `group#<groupId>` what they have of one: a copy of the role and of when they
    joined, of a direct conversation who the other is, and the read mark, with `version` and all that follows it below
    (`read_mark`). A member row, the user's row and the list of ids change in one transaction. Without a role, the row
    is that of a group that the user has left. `level`, `muted`, `muted_until`, `favourite` and `section_id` are what
    they have set (`own_settings`); `own_version` counts the changes of these.

    What a person has of a thread are `thread#<groupId>#<seq of its root>` and `recent#<time>#<groupId>#<seq>` in their
    own partition, and `follow#<seq>#<userId>` in the group's (`messaging.threads.rows`); there `inbox#<userId>` says
    that a user has items of the group in their inbox (`messaging.inbox.rows`).

    On the group's own row `visibility` is missing for a private group, and `policy` where all is as usual
    (`policy.policy_text`). The partition `public` lists the public groups (`places.listing`).
    """

    class Meta(store.TableMeta):
        table_name = f"{settings.NAMESPACE}-Groups"

    group_id = UnicodeAttribute(hash_key=True, attr_name="groupId")
    item = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute(null=True)
    kind = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute(null=True, attr_name="createdAt")
    created_by = UnicodeAttribute(null=True, attr_name="createdBy")
    user_id = UnicodeAttribute(null=True, attr_name="userId")
    role = UnicodeAttribute(null=True)
    seq = NumberAttribute(null=True)
    message_count = NumberAttribute(null=True, attr_name="messages")
    groups = UnicodeSetAttribute(null=True)
    pending = UnicodeSetAttribute(null=True)
    peer_id = UnicodeAttribute(null=True, attr_name="peerId")
    member_count = NumberAttribute(null=True, attr_name="members")
    places = JSONAttribute(null=True)
    version = NumberAttribute(null=True)
    all_count = NumberAttribute(null=True, attr_name="alls")
    marked_at = NumberAttribute(null=True, attr_name="markedAt")
    own = JSONAttribute(null=True)
    own_alls = JSONAttribute(null=True, attr_name="ownAlls")
    mentions = JSONAttribute(null=True)
    since = NumberAttribute(null=True)
    until = NumberAttribute(null=True)
    by_hand = NumberAttribute(null=True, attr_name="byHand")
    level = UnicodeAttribute(null=True)
    muted = BooleanAttribute(null=True)
    muted_until = UnicodeAttribute(null=True, attr_name="mutedUntil")
    favourite = BooleanAttribute(null=True)
    section_id = UnicodeAttribute(null=True, attr_name="sectionId")
    own_version = NumberAttribute(null=True, attr_name="ownVersion")
    picture_id = UnicodeAttribute(null=True, attr_name="pictureId")
    visibility = UnicodeAttribute(null=True)
    topic = UnicodeAttribute(null=True)
    description = UnicodeAttribute(null=True)
    archived_at = UnicodeAttribute(null=True, attr_name="archivedAt")
    policy = UnicodeAttribute(null=True)
    closed_by = UnicodeSetAttribute(null=True, attr_name="closedBy")
    people = UnicodeSetAttribute(null=True)
    digest = UnicodeAttribute(null=True)
    uses = NumberAttribute(null=True)
    used = NumberAttribute(null=True)
    expires_at = NumberAttribute(null=True, attr_name="expiresAt")
    note = UnicodeAttribute(null=True)
