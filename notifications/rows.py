"""The rows of notifications in the Users table.

| userId | item | what it is |
|---|---|---|
| a user's id | `notifications` | what they have set, and the ids of their devices |
| a user's id | `device#<id>` | a browser that takes pushes |
| a user's id | `told#<groupId>#<seq>` | what was decided about a message, and why; for a week |
| a user's id | `reminded#<groupId>#<seq>#<time>` | what was decided about a reminder of a message; for a week |
| `endpoint#<device's id>` | `device` | whose the device is: an endpoint has one owner |
| `push-session#<session's id>` | `<userId>#<device's id>` | the devices that end with a session |
| `outbox#<shard>` | `<due>#<kind>#<userId>...` | what is to be pushed, and when it is due |
| `outbox-mails#<shard>` | `<due>#mail#<userId>...` | what is to be mailed, and when it is due |
| `server#notifications` | `vapid` | the key pair of this server, sealed |

No user's id has a `#`.
"""

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from users.rows import UsersTableRow

PREFERENCES, DEVICE, TOLD, REMINDED = "notifications", "device#", "told#", "reminded#"
SERVER, VAPID = "server#notifications", "vapid"


class NotificationRow(UsersTableRow):
    """One of the rows above; each has a part of these attributes. Times are in the format of the wire."""

    at = UnicodeAttribute(null=True)
    # DynamoDB deletes a row after it; in seconds since 1970.
    expires_at = NumberAttribute(null=True, attr_name="expiresAt")
    version = NumberAttribute(null=True)
    owner_id = UnicodeAttribute(null=True, attr_name="ownerId")
    # preferences
    push = BooleanAttribute(null=True)
    mail = BooleanAttribute(null=True)
    quiet_from = UnicodeAttribute(null=True, attr_name="quietFrom")
    quiet_until = UnicodeAttribute(null=True, attr_name="quietUntil")
    devices = UnicodeSetAttribute(null=True)
    mailing_until = UnicodeAttribute(null=True, attr_name="mailingUntil")
    # a device
    endpoint = UnicodeAttribute(null=True)
    public_key = UnicodeAttribute(null=True, attr_name="publicKey")
    secret = UnicodeAttribute(null=True)
    name = UnicodeAttribute(null=True)
    session_id = UnicodeAttribute(null=True, attr_name="sessionId")
    # what was decided
    cause = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    parent_seq = NumberAttribute(null=True, attr_name="parentSeq")
    sent_at = UnicodeAttribute(null=True, attr_name="sentAt")
    closed = BooleanAttribute(null=True)
    # what is to be sent
    kind = UnicodeAttribute(null=True)
    group_id = UnicodeAttribute(null=True, attr_name="groupId")
    seq = NumberAttribute(null=True)
    reminder = NumberAttribute(null=True)
    tries = NumberAttribute(null=True)
    done = UnicodeSetAttribute(null=True)
    # the server's key
    key = UnicodeAttribute(null=True)
