"""What a group lets its members do: its policy, and with it whether it is archived, its rules.

Each entry of the log carries the rules that hold after it (`as_text`), as it carries running counts: who decides about
an append knows them from the log's end, and reads nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any

from foundation.errors import Forbidden

EVERYONE, MANAGERS, OWNER_ALONE = "everyone", "managers", "owner"
POST, INVITE, RENAME, PIN, MENTION_ALL = ACTS = ("post", "invite", "rename", "pin", "mention_all")
# Who may be let do what.
PERMITTED = (EVERYONE, MANAGERS)
PERMITTED_TO_POST = (*PERMITTED, OWNER_ALONE)
CHOICES = {act: PERMITTED_TO_POST if act == POST else PERMITTED for act in ACTS}
_ARCHIVED = "archived"
_WIRE = {act: "mentionAll" if act == MENTION_ALL else act for act in ACTS}


class ForbiddenByGroup(Forbidden):
    """The rules of the group do not let the member do this."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may post, invite, rename (the topic and the description too), pin and name everybody: one of CHOICES each.

    The settings PIN_MESSAGES and MENTION_ALL_IN_LARGE_GROUPS hold beside it.
    """

    post: str = EVERYONE
    invite: str = MANAGERS
    rename: str = MANAGERS
    pin: str = EVERYONE
    mention_all: str = EVERYONE

    def as_wire(self) -> dict[str, str]:
        """Return {post, invite, rename, pin, mentionAll}."""
        return {_WIRE[act]: who for act, who in asdict(self).items()}


DEFAULT = Policy()


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds at a place of a group's log."""

    policy: Policy = DEFAULT
    is_archived: bool = False

    def as_text(self) -> str | None:
        """Return what an entry of the log carries: the words `archived` and `act:who`, None where all is as usual."""
        words = [_ARCHIVED] if self.is_archived else []
        words += _differences(self.policy)
        return " ".join(words) or None


@lru_cache(maxsize=1_000)
def rules_of(text: str | None) -> Rules:
    """Return the rules that `Rules.as_text` made this text of; what only a later version knows is passed over."""
    words = (text or "").split()
    return Rules(policy_of(text), is_archived=_ARCHIVED in words)


def policy_text(policy: Policy) -> str | None:
    return " ".join(_differences(policy)) or None


@lru_cache(maxsize=1_000)
def policy_of(text: str | None) -> Policy:
    pairs = (word.partition(":")[::2] for word in (text or "").split())
    return Policy(**{act: who for act, who in pairs if who in CHOICES.get(act, ())})


def changed_policy(policy: Policy, changes: Mapping[str, str]) -> Policy:
    """Return the policy with other values of some of ACTS."""
    return Policy(**asdict(policy) | dict(changes))


def _differences(policy: Policy) -> list[str]:
    values: dict[str, Any] = {each.name: getattr(policy, each.name) for each in fields(policy)}
    return [f"{act}:{who}" for act, who in values.items() if who != getattr(DEFAULT, act)]
