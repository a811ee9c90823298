"""Accounts, as services know them."""

import hashlib
from dataclasses import dataclass

from django.contrib.auth.hashers import is_password_usable

from users.roles import OWNER as OWNER_ROLE


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody signs in with; `totp` and `new_totp` are sealed. `created_at` is in seconds since 1970."""

    user_id: str
    login: str
    password: str
    created_at: int
    totp: str | None
    new_totp: str | None
    recovery_codes: int
    # An address that is theirs: the link that made the account was mailed there.
    email: str | None = None
    # Their ids.
    passkeys: frozenset[str] = frozenset()
    # The id of their identity at the provider of OpenID Connect.
    identity: str | None = None

    @property
    def has_password(self) -> bool:
        """Whether there is one that somebody may know; without it, others have proven who this is."""
        return is_password_usable(self.password)

    @property
    def has_second_factor(self) -> bool:
        """Whether a password alone is not enough."""
        return self.totp is not None or bool(self.passkeys)

    @property
    def password_mark(self) -> str:
        """What tells this password's hash from any other, and says nothing of it."""
        return hashlib.sha256(self.password.encode()).hexdigest()[:32]

    @property
    def proof_mark(self) -> str:
        """What tells this password with this second factor, or without one, from any other."""
        second = self.totp or ("passkeys" if self.passkeys else "")
        return hashlib.sha256(f"{self.password_mark} {second}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to make, with the hash of its password; `name` is that of a user who is new too, else None.

    `role` is that of somebody new in the workspace, None for a member; an owner may be somebody known too.
    """

    user_id: str
    login: str
    password: str
    name: str | None
    email: str | None = None
    role: str | None = None
    identity: str | None = None

    @property
    def is_owner(self) -> bool:
        return self.role == OWNER_ROLE
