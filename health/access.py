"""Who may see figures; the states are for anybody."""

import hmac

from django.conf import settings

from foundation.errors import AppError
from users.administrators import is_administrator
from users.services import check_token


async def may_see_figures(token: str | None) -> bool:
    """Return whether this is HEALTH_TOKEN or an administrator's session token; asks no engine and raises nothing."""
    if not token:
        return False
    if settings.HEALTH_TOKEN and hmac.compare_digest(token.encode(), settings.HEALTH_TOKEN.encode()):
        return True
    if not settings.ADMINISTRATORS:
        return False
    try:
        claims = await check_token(token=token)
    except AppError:
        return False
    return is_administrator(claims.user_id)
