"""The settings of the workspace: its name and logo, and who may do what in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

# Whom a setting permits something.
EVERYONE, MEMBERS, ADMINS = AUDIENCES = ("everyone", "members", "admins")
# Guests invite nobody.
AUDIENCES_OF_INVITATIONS = (MEMBERS, ADMINS)
# What settings permit, with whom they do while nobody has chosen.
MAKE_GROUPS, INVITE_PEOPLE, UPLOAD_FILES = "make_groups", "invite_people", "upload_files"
DEFAULTS = {MAKE_GROUPS: MEMBERS, INVITE_PEOPLE: ADMINS, UPLOAD_FILES: EVERYONE}
NAME = "chatproject"
_WIRE = {MAKE_GROUPS: "makeGroups", INVITE_PEOPLE: "invitePeople", UPLOAD_FILES: "uploadFiles"}


@dataclass(frozen=True, slots=True)
class Workspace:
    """The settings: `audiences` says by what it permits whom, `version` counts the changes."""

    name: str
    logo_id: str | None
    audiences: Mapping[str, str]
    version: int

    @property
    def logo_url(self) -> str | None:
        """Where the logo is, from the server's root; another one has another address."""
        return f"/api/workspace/logo/{quote(self.logo_id, safe='')}" if self.logo_id else None

    def as_wire(self) -> dict[str, Any]:
        """Return `{"name", "logoUrl"?, "makeGroups", "invitePeople", "uploadFiles"}`."""
        wire = {"name": self.name, **{_WIRE[act]: audience for act, audience in self.audiences.items()}}
        return wire | ({"logoUrl": self.logo_url} if self.logo_url else {})
