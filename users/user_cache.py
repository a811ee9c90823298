"""Caches the users who signed in recently in this process: signing in again makes no store call."""

from time import monotonic

from .user import User

_MAX_USERS = 20_000
# Seconds. A user renamed by another process has the new name here after this time.
_TTL = 300.0
# The same for somebody whose name is being looked up, perhaps by another process.
_UNKNOWN_TTL = 5.0
_users: dict[str, tuple[float, User]] = {}
# Of users whose standing was changed lately: what was read with a lower one was read before.
_standings: dict[str, int] = {}


def get(user_id: str) -> User | None:
    expires_at, user = _users.get(user_id, (0.0, None))
    return user if expires_at > monotonic() else None


def put(user: User) -> None:
    if is_outdated(user):
        return
    # Remove it first: the dict stays in order of age, so its first key is the oldest.
    _users.pop(user.id, None)
    _users[user.id] = (monotonic() + (_TTL if user.is_known else _UNKNOWN_TTL), user)
    if len(_users) > _MAX_USERS:
        _users.pop(next(iter(_users)))


def is_outdated(user: User) -> bool:
    """Return whether the user's role, or whether they may come in, was changed after this was read."""
    return user.standing < _standings.get(user.id, 0)


def told_standing(user_id: str) -> int:
    """Return the standing that this process was told of last, 0 for none."""
    return _standings.get(user_id, 0)


def forget(user_id: str, standing: int) -> None:
    """Forget a user whose standing has become this one."""
    _standings[user_id] = max(standing, _standings.pop(user_id, 0))
    if len(_standings) > _MAX_USERS:
        _standings.pop(next(iter(_standings)))
    _, user = _users.get(user_id, (0.0, None))
    if user and is_outdated(user):
        del _users[user_id]


def clear() -> None:
    _users.clear()
