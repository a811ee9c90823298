"""Reads what decides whether people are told of messages of a group, for many people together."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from groups import mark_rows, memberships
from groups import models as group_models
from groups.log.entry import named_at
from groups.models import Group
from groups.own_settings.own_settings import NOTHING, OwnSettings, to_own_settings
from groups.read_mark import MarkKey, ReadMark, to_read_mark
from groups.rows import GroupRow
from presence import selectors as presence
from presence.user_presence import OFFLINE, ONLINE
from users import selectors as users
from users.blocks import Blocks
from users.user import User

from .candidates import Concern
from .preferences import models as preferences_models
from .preferences.models import Preferences
from .rules import REMINDER, Facts


@dataclass(frozen=True, slots=True)
class Known:
    """The facts about a message and a person, and what telling them needs beside; `user` is None if there is none."""

    facts: Facts
    preferences: Preferences
    user: User | None

    def after_quiet_time(self, moment: datetime) -> datetime:
        """Return the moment, or when the quiet time of the person ends that covers it."""
        quiet_time = self.preferences.quiet_time(self.user.time_zone if self.user else None)
        return quiet_time.end(moment) if quiet_time and quiet_time.covers(moment) else moment


@dataclass(frozen=True, slots=True)
class _People:
    """What was read of people; of each what there is."""

    rows: Mapping[str, GroupRow]
    users: Mapping[str, User]
    preferences: Mapping[str, Preferences]
    statuses: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Read:
    """All that was read of a group's messages and of people, and when."""

    group: Group
    people: _People
    marks: Mapping[MarkKey, ReadMark]
    blocks: Blocks
    moment: datetime


async def read_facts(group: Group, pairs: Sequence[tuple[Concern, str]]) -> dict[tuple[int, str], Known]:
    """Return what is known of each of these messages and people, by seq and user id: a few reads of a hundred rows."""
    ids = list(dict.fromkeys(user_id for _, user_id in pairs))
    people, marks, blocks = await asyncio.gather(
        _read_people(group, ids),
        mark_rows.find_read_marks({key for concern, user_id in pairs if (key := _thread_mark(concern, user_id))}),
        Blocks.read((user_id, concern.message.user_id) for concern, user_id in pairs),
    )
    read = _Read(group, people, marks, blocks, datetime.now(UTC))
    return {(concern.seq, user_id): _known(concern, user_id, read) for concern, user_id in pairs}


def facts_of_reminder(facts: Facts, *, is_read: bool) -> Facts:
    """Return what counts of a reminder, whose person has chosen the moment: `is_read` says whether its item was."""
    return replace(facts, cause=REMINDER, is_own=False, is_muted=False, is_silenced=False, is_read=is_read)


async def _read_people(group: Group, ids: Iterable[str]) -> _People:
    ids = list(ids)
    keys = {memberships.partition(user_id): user_id for user_id in ids}
    rows, found, preferences, statuses = await asyncio.gather(
        group_models.get_rows((own, memberships.group_item(group.id)) for own in keys),
        users.get_users(user_ids=ids, consistent=True),
        preferences_models.find_many(ids),
        presence.statuses_of(user_ids=ids),
    )
    return _People({keys[row.group_id]: row for row in rows}, found, preferences, statuses)


def _thread_mark(concern: Concern, user_id: str) -> MarkKey | None:
    message = concern.message
    return MarkKey(user_id, message.group_id, message.parent_id) if message.parent_id else None


def _known(concern: Concern, user_id: str, read: _Read) -> Known:
    people, kind = read.people, read.group.kind
    message, row, user = concern.message, people.rows.get(user_id), people.users.get(user_id)
    preferences = people.preferences.get(user_id, Preferences())
    own = to_own_settings(row, kind) if row else OwnSettings()
    # Empty where this process does not know: rather tell somebody who is here than not tell them at all.
    status = people.statuses.get(user_id, OFFLINE)
    thread_mark = _thread_mark(concern, user_id)
    mark = read.marks.get(thread_mark) if thread_mark else to_read_mark(row) if row else None
    quiet_time = preferences.quiet_time(user.time_zone if user else None)
    block = read.blocks.get(user_id, message.user_id)
    facts = Facts(
        cause=concern.cause_for(user_id, kind=kind, level=own.level, is_here=status != OFFLINE),
        is_deleted=bool(message.deleted),
        is_own=message.user_id == user_id,
        is_member=bool(row and row.role),
        is_active_user=bool(user and user.is_active),
        is_blocked=block.since is not None or block.covers(named_at(message, user_id)),
        is_muted=own.is_muted,
        is_silenced=own.level == NOTHING,
        is_read=bool(mark and mark.seq >= concern.seq),
        is_present=status == ONLINE,
        is_quiet=bool(quiet_time and quiet_time.covers(read.moment)),
        wants_push=preferences.push,
        has_device=bool(preferences.device_ids),
    )
    return Known(facts, preferences, user)
