"""A user as everybody may see them, and the rules of what a profile has beside the name."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext

from foundation.ids import now

from .names import stand_in_name
from .roles import MEMBER, role_of

# Who may put somebody into groups, and begin conversations with them: everybody, those who are in a group with them, or
# nobody. Others ask.
EVERYONE, KNOWN, NOBODY = ADDABLE_BY = ("everyone", "known", "nobody")

# How pages look: as the device does, or always light or dark.
SYSTEM, LIGHT, DARK = THEMES = ("system", "light", "dark")
# What Enter does in a box to write in: by the device (a new line where one types on glass), always send, or never.
AUTO, SEND, NEW_LINE = ENTER_KEYS = ("auto", "send", "newline")
BROWSER = "browser"


@dataclass(frozen=True, slots=True)
class Preferences:
    """How somebody wants the web chat to be, on all of their devices; one of THEMES, and of ENTER_KEYS.

    `language` is the code of one of the setting LANGUAGES, or `BROWSER`: that of each browser.
    """

    theme: str = SYSTEM
    enter_key: str = AUTO
    language: str = BROWSER

    def as_wire(self) -> dict[str, str]:
        return {"theme": self.theme, "enterKey": self.enter_key, "language": self.language}

    def language_or(self, default: str) -> str:
        """Return the language to write to them in where no browser says one."""
        return default if self.language == BROWSER else self.language


@dataclass(frozen=True, slots=True)
class CustomStatus:
    """What somebody says of themselves for a while: an emoji, a text, or both; `presence` is another thing.

    `expires_at` is ISO 8601, in UTC: from then on it is not shown. None: until it is taken back.
    """

    emoji: str | None
    text: str | None
    expires_at: str | None = None

    @property
    def is_over(self) -> bool:
        # Both in the format of the wire, whose order is that of time.
        return self.expires_at is not None and self.expires_at <= now()

    def as_wire(self) -> dict[str, Any]:
        """Return `{"emoji"?, "text"?, "expiresAt"?}`."""
        wire = {"emoji": self.emoji, "text": self.text, "expiresAt": self.expires_at}
        return {name: value for name, value in wire.items() if value is not None}


@dataclass(frozen=True, slots=True)
class User:
    """Someone who has signed in at least once, or whom Clerk has told of; `created_at` is ISO 8601, in UTC.

    `issuer_updated_at` is the state that Clerk has told, in milliseconds since 1970, None where it has told nothing.
    Who `is_removed` keeps the name beside what they wrote, and nothing else. `time_zone` is a name of the IANA's
    database, `picture_id` the picture that they gave here, whose address `image_url` is unless Clerk has told one.

    Of the workspace: `stored_role` is None for a member, who `is_deactivated` may not sign in, tokens that were issued
    before `tokens_from` (in seconds since 1970) are not taken, and `standing` counts the changes of these.
    """

    id: str
    name: str
    email: str | None
    image_url: str | None
    created_at: str
    issuer_updated_at: int | None = None
    is_removed: bool = False
    handle: str | None = None
    title: str | None = None
    time_zone: str | None = None
    status: CustomStatus | None = None
    picture_id: str | None = None
    # Whether the index has the rows by which the words of the name are found; a former version wrote none.
    is_indexed: bool = True
    # One of ADDABLE_BY; their own affair, as the email.
    addable_by: str = EVERYONE
    # Likewise.
    preferences: Preferences = Preferences()
    stored_role: str | None = None
    is_deactivated: bool = False
    tokens_from: int = 0
    standing: int = 0

    @property
    def is_known(self) -> bool:
        """Whether the name is more than the stand-in of somebody whose token has none."""
        return self.issuer_updated_at is not None or self.name != stand_in_name(self.id)

    @property
    def role(self) -> str:
        return role_of(self.id, self.stored_role)

    @property
    def label(self) -> str:
        """The name as pages show it: of somebody who is kept out, with that beside it."""
        if not self.is_deactivated or self.is_removed:
            return self.name
        return gettext("{name} (deactivated)").format(name=self.name)

    @property
    def is_active(self) -> bool:
        """Whether they may sign in, be found, and be put into groups."""
        return not (self.is_removed or self.is_deactivated)

    @property
    def custom_status(self) -> CustomStatus | None:
        """The status that shows now."""
        return None if self.status is None or self.status.is_over else self.status

    def as_wire(self) -> dict[str, Any]:
        """Return `{"id", "name", "createdAt", "handle"?, "imageUrl"?, "title"?, "timeZone"?, "customStatus"?, "role"?,
        "deactivated"?}`: no `role` for a member.

        Every user who may see this one may see it; the email is private.
        """
        status = self.custom_status
        more = {
            "imageUrl": self.image_url,
            "handle": self.handle,
            "title": self.title,
            "timeZone": self.time_zone,
            "customStatus": status.as_wire() if status else None,
            "role": self.role if self.role != MEMBER else None,
            "deactivated": not self.is_active,
        }
        wire = {"id": self.id, "name": self.name, "createdAt": self.created_at}
        return wire | {name: value for name, value in more.items() if value}


def picture_url(user_id: str, picture_id: str) -> str:
    """Return where the picture is, from the server's root; `v` makes the address of another picture another one."""
    return f"/api/users/{quote(user_id, safe='')}/picture?v={quote(picture_id, safe='')}"
