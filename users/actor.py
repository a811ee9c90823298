"""The signed-in caller, as every door hands it to every service."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who calls, and until when: `expires_at` is the session token's own `exp`, in seconds of the epoch.

    It is DRF's `request.user` too, so it has the few names that DRF and Django's templates ask of a user.
    """

    user_id: str
    name: str
    session_id: str
    expires_at: int

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
