"""What an outsider attempts by asking why they were not told."""

from collections.abc import Callable

from .outsider_attempts import Request, Target

NOTIFICATION_REQUESTS: dict[str, Request] = {
    "ask why": lambda t: ("GET", f"/api/notifications/why?messageId={t.message}", {}),
}
NOTIFICATION_PAGES: dict[str, Callable[[Target], str]] = {
    "why one was told": lambda t: f"/groups/{t.group}/messages/{t.message}/why",
}
