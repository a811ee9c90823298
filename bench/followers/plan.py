"""What the processes of a run have in common, as JSON in the environment."""

import os
from dataclasses import asdict, dataclass
from typing import Any

import orjson

VARIABLE = "FOLLOWERS_PLAN"


@dataclass(frozen=True)
class Plan:
    """`groups` are [{id, members}] as `bin/manage fixture` prints them, the last `deleted` are deleted meanwhile.

    Each of the others gets `entries` entries at least.
    """

    groups: list[dict[str, Any]]
    deleted: int
    entries: int

    @property
    def kept(self) -> list[dict[str, Any]]:
        return self.groups[: len(self.groups) - self.deleted]

    @property
    def doomed(self) -> list[dict[str, Any]]:
        return self.groups[len(self.groups) - self.deleted :]

    def as_environment(self) -> dict[str, str]:
        return {VARIABLE: orjson.dumps(asdict(self)).decode()}

    @classmethod
    def from_environment(cls) -> "Plan":
        return cls(**orjson.loads(os.environ[VARIABLE]))
