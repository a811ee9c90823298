"""Whoever wants to know which of the provider's groups somebody is in, each time they sign in by it."""

import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)
Handler = Callable[[str, frozenset[str]], Awaitable[None]]
_handlers: list[Handler] = []


def register(handler: Handler) -> None:
    """Have a handler called with the id of a user and the names of all their groups, as often as they sign in."""
    _handlers.append(handler)


async def apply(user_id: str, groups: frozenset[str] | None) -> None:
    """Call all handlers, unless the provider did not say; one that fails keeps nobody from signing in."""
    if groups is None:
        return
    for handler in _handlers:
        try:
            await handler(user_id, groups)
        except Exception:
            logger.exception("The provider's groups of %s could not be applied: they are at the next sign-in", user_id)
