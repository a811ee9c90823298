"""Whether a user has connections beside the one of this process, who would be told something that this one knows."""

from collections.abc import Callable

from realtime.hub.hub import get_hub


def _nowhere(user_id: str) -> bool:
    return False


_is_elsewhere: Callable[[str], bool] = _nowhere


def look_elsewhere(find: Callable[[str], bool]) -> None:
    """Set what says whether a user is connected to another process; it lags a moment, and never waits."""
    global _is_elsewhere  # noqa: PLW0603 - set once, when Django is ready
    _is_elsewhere = find


def has_others(user_id: str) -> bool:
    """Return whether a user who has done something here has connections beside the one by which they did it."""
    return get_hub().count_of(user_id) > 1 or _is_elsewhere(user_id)
