"""The signed-in caller: views, consumers and pages pass it to services."""

from dataclasses import dataclass

from .roles import GUEST, is_administrator, role_of


@dataclass(frozen=True, slots=True)
class Actor:
    """The user and session of a verified token; `expires_at` is its `exp`, in seconds since 1970.

    `started_at` is when the session began, None where Clerk keeps that. `stored_role` is that of the user's row.

    It is also DRF's `request.user`, so it has the attributes that DRF and Django's templates expect of a user.
    """

    user_id: str
    name: str
    session_id: str
    expires_at: int
    started_at: int | None = None
    stored_role: str | None = None

    @property
    def role(self) -> str:
        """The role in the workspace: one of `roles.ROLES`."""
        return role_of(self.user_id, self.stored_role)

    @property
    def is_guest(self) -> bool:
        return self.role == GUEST

    @property
    def is_administrator(self) -> bool:
        """Whether they administer the workspace: an admin or an owner of it, or named by ADMINS."""
        return is_administrator(self.role)

    def __str__(self) -> str:
        return self.name

    def get_username(self) -> str:
        return self.user_id

    @property
    def pk(self) -> str:
        return self.user_id

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def is_anonymous(self) -> bool:
        return False

    @property
    def is_active(self) -> bool:
        return True
