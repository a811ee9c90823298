"""The events about what belongs to one user: they go to that user's own connections, and are in no group's log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class UserUpdated:
    """Something that belongs to the user was changed; `kind` says what, `change` has its fields.

    `revision` is one more than that of the user's event before it. `READ_MARK` has {groupId, parentId?, read, unread,
    mentions, all, head, version}: the messages, or replies, after the seq `read` up to the seq `head` that count as
    unread are `unread`; `all` of them name everybody, and `mentions` has the seqs of those that name the user.
    `MENTIONS` has {groupId, mentions, version}, `THREAD_MENTIONS` {groupId, parentId, mentions, version}. Of two
    changes of a mark, the later has the larger `version`. `THREAD` has {groupId, parentId, following, replyCount?}: the
    user follows a thread or no longer does, or it has new replies. `INBOX` has {change, itemIds?}: some items, or
    without `itemIds` all, were added, removed or read. `DRAFT` has {groupId, parentId?, content, version, updatedAt},
    `SAVED` {groupId, messageId, saved, version, savedAt?}, `PROFILE` {user}: the user as everybody may see them.
    `GROUP_SETTINGS` has {groupId, level, muted, mutedUntil?, favourite, sectionId?, version}, `SECTIONS` {sections:
    [{id, name, collapsed}], version}: all of them. `PRIVACY` has {addableBy}, `PREFERENCES` {theme, enterKey,
    language}, `INVITATION` {groupId, asked}: the user is asked to join a group, or no longer. `TEAM` has {teamId,
    handle, role}: the user is in a team in this role, None: no longer. `BLOCKED` has {userId, blocked}: the user has
    blocked somebody, or no longer. `NOTICE` has {notice}: what administrators have told the user, `REPORTS`, for an
    administrator, {open}: how many cases there are to decide.
    `SCHEDULED` has {change, scheduled, messageId?}, a message to be sent that was planned, changed, cancelled, sent
    (`messageId`) or refused, `REMINDER` {change, reminder}, likewise; a reminder that is done is in the inbox.
    `NOTIFICATIONS` has {change, settings?}: the `settings` of how the user is told of messages, or their `devices`.
    """

    READ_MARK: ClassVar[str] = "read_mark"
    MENTIONS: ClassVar[str] = "mentions"
    THREAD_MENTIONS: ClassVar[str] = "thread_mentions"
    THREAD: ClassVar[str] = "thread"
    INBOX: ClassVar[str] = "inbox"
    DRAFT: ClassVar[str] = "draft"
    SAVED: ClassVar[str] = "saved"
    PROFILE: ClassVar[str] = "profile"
    GROUP_SETTINGS: ClassVar[str] = "group_settings"
    SECTIONS: ClassVar[str] = "sections"
    TEAM: ClassVar[str] = "team"
    BLOCKED: ClassVar[str] = "blocked"
    PRIVACY: ClassVar[str] = "privacy"
    PREFERENCES: ClassVar[str] = "preferences"
    INVITATION: ClassVar[str] = "invitation"
    NOTICE: ClassVar[str] = "notice"
    REPORTS: ClassVar[str] = "reports"
    SCHEDULED: ClassVar[str] = "scheduled"
    REMINDER: ClassVar[str] = "reminder"
    NOTIFICATIONS: ClassVar[str] = "notifications"
    name: ClassVar[str] = "user_update"
    revision: int
    kind: str
    change: Mapping[str, Any]

    def data(self) -> dict[str, Any]:
        return {"revision": self.revision, "kind": self.kind, **self.change}
