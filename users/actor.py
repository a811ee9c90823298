"""The signed-in caller: views, consumers and pages pass it to services."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """The user and session of a verified token; `expires_at` is its `exp`, in seconds since 1970.

    `started_at` is when the session began, None where Clerk keeps that.

    It is also DRF's `request.user`, so it has the attributes that DRF and Django's templates expect of a user.
    """

    user_id: str
    name: str
    session_id: str
    expires_at: int
    started_at: int | None = None

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
