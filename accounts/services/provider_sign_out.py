"""The provider says that somebody has signed out there: their sessions that began by it end here too."""

from django.conf import settings

from accounts import logout_models, provided_sessions
from accounts.oidc import logout_token
from accounts.oidc.logout_token import MAX_AGE, LogoutToken
from accounts.oidc.provider import discovery
from foundation.errors import Invalid
from foundation.tasks import to_completion
from workspace import audit

from . import sessions
from .oidc import require_oidc

_BY = "provider"
_USED = "This logout token was used before."


@to_completion
async def sign_out_by_provider(*, token: str) -> int:
    """End the sessions that a logout token is about, within two seconds, and return how many.

    Raises `Invalid` for a token that proves nothing or was used before, `NotFound` where there is no provider,
    `Unavailable`: the same token may be sent again then.
    """
    require_oidc()
    said = await logout_token.verified(token, (await discovery().find()).keys)
    digest = provided_sessions.digest_of(said.id)
    if await logout_models.is_taken(digest):
        raise Invalid(_USED, fields={"logout_token": [_USED]})
    # Noted when all is done, whatever happens between: sessions may be ended twice, but not left.
    ended = await _end(said)
    await logout_models.note(digest, expires_at=said.issued_at + MAX_AGE + 2 * settings.TOKEN_LEEWAY + 60)
    return ended


async def _end(said: LogoutToken) -> int:
    subject, session = [value and provided_sessions.digest_of(value) for value in (said.subject, said.session)]
    await provided_sessions.note_over(subject, session)
    by_user: dict[str, set[str]] = {}
    for user_id, session_id in await provided_sessions.find(subject, session):
        by_user.setdefault(user_id, set()).add(session_id)
    ended = 0
    for user_id, session_ids in by_user.items():
        if count := await sessions.end_these(user_id=user_id, session_ids=session_ids):
            await audit.record("session.end", by=_BY, user=user_id, count=count)
        ended += count
    return ended
