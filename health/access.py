"""Who may see figures; the states are for anybody."""

import asyncio
import hmac

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.utils.crypto import salted_hmac

from foundation.errors import AppError
from users.actors import get_or_create_actor
from users.administrators import is_named
from users.services import check_token

# A browser that was given HEALTH_TOKEN has this cookie for so long, in seconds. It is no use anywhere else.
PASS_COOKIE, PASS_SECONDS = "__health", 12 * 3600
# Seconds to wait for the role of who asks: the report must come while the store is away.
_PATIENCE = 0.5


async def may_see_figures(token: str | None, *, pass_cookie: str = "") -> bool:
    """Return whether one of them is HEALTH_TOKEN, an administrator's session token or a pass; raises nothing."""
    if is_pass(pass_cookie) or is_health_token(token):
        return True
    if not token:
        return False
    try:
        claims = await check_token(token=token)
        # Without the store, so that they see what fails.
        if is_named(claims.user_id):
            return True
        async with asyncio.timeout(_PATIENCE):
            return (await get_or_create_actor(claims=claims)).is_administrator
    except (AppError, TimeoutError):
        return False


def is_health_token(token: str | None) -> bool:
    expected: str = settings.HEALTH_TOKEN
    return bool(token and expected) and hmac.compare_digest((token or "").encode(), expected.encode())


def make_pass() -> str:
    """Return the value of a cookie for a browser that has shown HEALTH_TOKEN."""
    return _signer().sign(_digest())


def is_pass(value: str) -> bool:
    """Return whether it was made by `make_pass` within `PASS_SECONDS`, for the HEALTH_TOKEN that there is now."""
    if not value or not settings.HEALTH_TOKEN:
        return False
    try:
        return hmac.compare_digest(_signer().unsign(value, max_age=PASS_SECONDS), _digest())
    except BadSignature:
        return False


def _digest() -> str:
    return salted_hmac("health.pass", settings.HEALTH_TOKEN).hexdigest()


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="health.pass")
