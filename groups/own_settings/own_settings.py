"""The settings that a person has of one of their groups, as their own row of it has them."""

from dataclasses import dataclass
from typing import Any

from foundation.ids import now
from groups.models import DIRECT
from groups.rows import GroupRow

# Which messages of a group its member wants to be told of.
ALL, MENTIONS, NOTHING = LEVELS = ("all", "mentions", "nothing")


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """`level` is one of LEVELS; `muted_until` is ISO 8601, in UTC, None for ever; `section_id` None: in no section.

    `version` counts the changes of all of it, those of the read mark not.
    """

    level: str = MENTIONS
    muted: bool = False
    muted_until: str | None = None
    favourite: bool = False
    section_id: str | None = None
    version: int = 0

    @property
    def is_muted(self) -> bool:
        """Whether it is muted now: a mute that is over needs nobody who takes it back."""
        # Both in the format of the wire, whose order is that of time.
        return self.muted and (self.muted_until is None or self.muted_until > now())

    @property
    def is_quiet(self) -> bool:
        """Whether what is unread there is no reason to look."""
        return self.is_muted or self.level == NOTHING

    def as_wire(self) -> dict[str, Any]:
        """Return {level, muted, mutedUntil?, favourite, sectionId?, version}, as it is now."""
        wire: dict[str, Any] = {"level": self.level, "muted": self.is_muted, "favourite": self.favourite}
        if self.is_muted and self.muted_until:
            wire["mutedUntil"] = self.muted_until
        if self.section_id:
            wire["sectionId"] = self.section_id
        return {**wire, "version": self.version}


def to_own_settings(row: GroupRow, kind: str) -> OwnSettings:
    """Return what a user's own row of a group of this kind says."""
    # Reading each value through PynamoDB's descriptors would cost more, a thousand rows at a time.
    value = row.attribute_values.get
    return OwnSettings(
        level=value("level") or (ALL if kind == DIRECT else MENTIONS),
        muted=bool(value("muted")),
        muted_until=value("muted_until"),
        favourite=bool(value("favourite")),
        section_id=value("section_id"),
        version=int(value("own_version") or 0),
    )
