"""Users seen lately by this process, so that signing in again costs no store call."""

from time import monotonic

from .models import User

_SIZE = 20_000
# A name changed on another process is right here after this long.
_LIFETIME = 300.0
_users: dict[str, tuple[float, User]] = {}


def get(user_id: str) -> User | None:
    until, user = _users.get(user_id, (0.0, None))
    return user if until > monotonic() else None


def put(user: User) -> None:
    # Taken out first, so that the dict stays in order of age and the first one is the oldest.
    _users.pop(user.id, None)
    _users[user.id] = (monotonic() + _LIFETIME, user)
    if len(_users) > _SIZE:
        _users.pop(next(iter(_users)))


def clear() -> None:
    _users.clear()
