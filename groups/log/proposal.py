"""A proposal to append to a log: decided against the log's end, again after each race that it loses."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pynamodb.transactions import TransactWrite

from foundation.errors import Forbidden, NotFound
from foundation.ids import new_id, now
from groups.access import require_may, require_open
from groups.policy import Rules, rules_of
from groups.read_mark import MarkKey, ReadMark
from realtime.hub.change import Change

from .entry import Entry
from .state import LogState, closed_after

RowWrite = Callable[[TransactWrite], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The change that is published to the members, and the result that the caller gets.

    `own_mark` is where the read mark of a message's author moves to.
    """

    change: Change
    result: Any
    own_mark: tuple[MarkKey, ReadMark] | None = None


@dataclass(frozen=True)
class Append:
    """Append `entry` and make `extra_writes` in one transaction, then publish and return what `make_outcome` builds.

    `make_outcome` runs while the store writes, or later: every check belongs in `decide`.
    """

    entry: Entry
    make_outcome: Callable[[], Outcome]
    extra_writes: tuple[RowWrite, ...] = ()
    # How long the texts in them and the entry are, beside the entry's own content.
    extra_characters: int = 0

    @cached_property
    def outcome(self) -> Outcome:
        return self.make_outcome()

    def prepare(self) -> None:
        """Build the outcome ahead of its use."""
        _ = self.outcome


@dataclass(frozen=True, slots=True)
class NoOp:
    """Nothing to append: the caller gets `result`."""

    result: Any


class LogView:
    """The log's end as it will be once the appends already decided for the same write are stored."""

    def __init__(self, state: LogState) -> None:
        self._state = state
        self.seq = state.seq
        self.message_count = state.message_count
        self.all_count = state.all_count
        self.closed_by = state.closed_by
        self.rules_text = state.rules_text

    @property
    def group_id(self) -> str:
        return self._state.group_id

    def seq_of_send(self, user_id: str, client_id: str) -> int | None:
        return self._state.seq_of_send(user_id, client_id)

    def role_of(self, user_id: str) -> str | None:
        return self._state.role_of(user_id)

    def require_role(self, user_id: str) -> str:
        """Return the role of a member; raises `NotFound` for anyone else."""
        role = self._state.role_of(user_id)
        if role is None:
            raise NotFound
        return role

    def require_open(self, user_id: str) -> None:
        """Raise `Forbidden` where one of a direct conversation has blocked the other: then neither writes there."""
        if user_id in self.closed_by:
            raise Forbidden("You have blocked this person: unblock them to write here.")
        if self.closed_by:
            raise Forbidden("You cannot write to this person.")

    @property
    def rules(self) -> Rules:
        return rules_of(self.rules_text)

    def require_may(self, act: str, user_id: str) -> str:
        """Return the role of a member whom the group lets do this (one of `groups.policy.ACTS`).

        Raises `NotFound` for who is no member, `ForbiddenByGroup` for a member who may not.
        """
        role = self.require_role(user_id)
        require_may(rules_of(self.rules_text).policy, act, role)
        return role

    def advance(self, entry: Entry) -> None:
        value = entry.attribute_values
        if value["kind"] == "group":
            self.closed_by = closed_after(entry, self.closed_by)
        self.seq, self.message_count, self.all_count = self.seq + 1, value["message_count"], value.get("all_count") or 0
        self.rules_text = value.get("rules")


class Proposal(ABC):
    """What one caller wants to append. `reads` and `writes` hold keys of what it depends on and what it changes.

    When one proposal writes a key that another reads or writes, the two never go into the same write: the second is
    decided after the first is stored.
    """

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    # Whether somebody who is not a member may have it decided; `load` is called for others only then.
    by_outsiders = False
    # Whether it may change an archived group.
    in_archived = False

    def __init__(self, actor_id: str) -> None:
        self.actor_id = actor_id
        self.nonce = new_id("n", 12)
        self.created_at = now()

    def load(self, state: LogState) -> Awaitable[None] | None:
        """Return an awaitable that reads what `decide` needs beyond the log's end, or None; called for every attempt.

        Most proposals need nothing: None saves a batch of a hundred its hundred tasks.
        """
        return None

    @abstractmethod
    def decide(self, view: LogView) -> Append | NoOp:
        """Check every rule against the view and return what to append; raises `AppError` to refuse."""

    def decided(self, view: LogView) -> Append | NoOp:
        """Return what `decide` returns; raises what it raises, or `ForbiddenByGroup` for a change of an archived group.

        What changes nothing is answered: a repeated send gets its message, whatever has become of the group.
        """
        decided = self.decide(view)
        if view.rules_text and not self.in_archived and isinstance(decided, Append):
            require_open(view.rules)
        return decided

    def new_entry(
        self, view: LogView, kind: str, *, is_message: bool = False, names_all: bool = False, **attributes: Any
    ) -> Entry:
        """Return an entry that follows the view's end.

        `is_message` counts it as a top-level message, `names_all` as one of those that name everybody.
        """
        if names_all:
            attributes["counts_for_all"] = True
        if all_count := view.all_count + names_all:
            attributes["all_count"] = all_count
        if view.rules_text and "rules" not in attributes:
            attributes["rules"] = view.rules_text
        return Entry(
            view.group_id,
            view.seq + 1,
            kind=kind,
            user_id=self.actor_id,
            created_at=self.created_at,
            message_count=view.message_count + is_message,
            nonce=self.nonce,
            **attributes,
        )


# What every proposal depends on, because it is decided by the rules of the group.
RULES_KEY = "rules"


def member_key(user_id: str) -> str:
    return f"member {user_id}"


def entry_key(seq: int) -> str:
    return f"entry {seq}"


def file_key(file_id: str) -> str:
    return f"file {file_id}"


def send_key(user_id: str, client_id: str) -> str:
    return f"send {user_id} {client_id}"
