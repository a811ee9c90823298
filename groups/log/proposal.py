"""What someone wants to append: decided against the log's end, as often as it takes until the end holds still."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pynamodb.transactions import TransactWrite

from foundation.errors import NotFound
from foundation.ids import new_id, now
from realtime.hub.change import Change

from .entry import Entry
from .state import LogState

RowWrite = Callable[[TransactWrite], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The change that members get, and what the caller gets."""

    change: Change
    result: Any


@dataclass(frozen=True)
class Append:
    """Append `entry`, write `also` in the same transaction, then publish and answer what `make_outcome` returns.

    `make_outcome` runs while the store writes, or later: every check belongs in `decide`.
    """

    entry: Entry
    make_outcome: Callable[[], Outcome]
    also: tuple[RowWrite, ...] = ()

    @cached_property
    def outcome(self) -> Outcome:
        return self.make_outcome()

    def prepare(self) -> None:
        """Build the outcome, so that it is ready when the write is done."""
        _ = self.outcome


@dataclass(frozen=True, slots=True)
class NoOp:
    """Nothing to append: the caller gets `result`."""

    result: Any


class LogView:
    """The log's end as it will be after the appends that are already decided for the same write."""

    def __init__(self, state: LogState) -> None:
        self._state = state
        self.seq = state.seq
        self.messages = state.messages

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

    def advance(self, entry: Entry) -> None:
        self.seq, self.messages = self.seq + 1, entry.attribute_values["messages"]


class Proposal(ABC):
    """One wish to append. `reads` and `writes` name what the decision depends on and what it changes.

    Two proposals of which one writes what the other reads or writes never leave in the same write: the second is
    decided after the first is stored.
    """

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()

    def __init__(self, actor_id: str) -> None:
        self.actor_id = actor_id
        self.nonce = new_id("n", 12)
        self.created_at = now()

    def load(self, state: LogState) -> Awaitable[None] | None:
        """Return the reading of what the decision needs beyond the log's end; asked anew before every attempt.

        Most need nothing more: None saves a batch of a hundred its hundred tasks.
        """
        return None

    @abstractmethod
    def decide(self, view: LogView) -> Append | NoOp:
        """Check every rule against the view and say what to append; raises `ChatError` to refuse."""

    def entry(self, view: LogView, kind: str, *, is_message: bool = False, **attributes: Any) -> Entry:
        """Return the entry that would follow the view's end."""
        return Entry(
            view.group_id,
            view.seq + 1,
            kind=kind,
            user_id=self.actor_id,
            created_at=self.created_at,
            messages=view.messages + is_message,
            nonce=self.nonce,
            **attributes,
        )


def member_key(user_id: str) -> str:
    return f"member {user_id}"


def row_key(seq: int) -> str:
    return f"row {seq}"


def send_key(user_id: str, client_id: str) -> str:
    return f"send {user_id} {client_id}"
