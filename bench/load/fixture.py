"""The users and groups of a run, as `manage.py fixture` prints them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    members: Sequence[str]


@dataclass(frozen=True, slots=True)
class Fixture:
    """`tokens` by user id; a run with n groups uses the first n."""

    tokens: Mapping[str, str]
    groups: Sequence[Group]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Fixture":
        """Read {"users": [{"id", "token"}], "groups": [{"id", "members": [userId]}]}."""
        tokens = {user["id"]: user["token"] for user in data["users"]}
        return cls(tokens, [Group(group["id"], group["members"]) for group in data["groups"]])


def plain_fixture(groups: int, members: int) -> dict[str, Any]:
    """Return a fixture for the reference server: unsigned tokens, and each user in exactly one group."""
    ids = [f"user_{number:05d}" for number in range(groups * members)]
    rooms = [ids[start : start + members] for start in range(0, len(ids), members)]
    return {
        "users": [{"id": user_id, "token": f"token of {user_id}"} for user_id in ids],
        "groups": [{"id": f"group_{number:04d}", "members": room} for number, room in enumerate(rooms)],
    }
