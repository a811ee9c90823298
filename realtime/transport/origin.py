"""The Origin check of sockets: a page of another site must not speak with the cookies of ours."""

from django.conf import settings


def is_allowed(origin: str | None, host: str | None) -> bool:
    """Allow programs (no Origin), the listed origins (the same list as CORS), and pages of this very host."""
    if origin is None or origin in settings.ALLOWED_ORIGINS:
        return True
    return host is not None and origin in (f"http://{host}", f"https://{host}")
