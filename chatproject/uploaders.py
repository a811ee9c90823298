"""Who may upload now: a signed-in user with not too many uploads under way, known before a byte of the body is kept."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings

from foundation.cookies import parse_cookies
from foundation.errors import RateLimited, Unauthenticated
from users.authentication import bearer_token
from users.services import check_token
from users.session_cookies import read_session_cookie

_RETRY_AFTER = 2.0


class Uploaders:
    """The users whose uploads this process is receiving or storing."""

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()

    async def require_uploader(self, headers: Mapping[str, str]) -> str:
        """Return the id of the user who calls with these headers; raises `Unauthenticated`, `Unavailable`.

        The view authenticates again: this keeps strangers' bodies off the disk.
        """
        token = bearer_token(headers.get("authorization", ""))
        if token is None:
            token = read_session_cookie(parse_cookies(headers.get("cookie", "")))
        if not token:
            raise Unauthenticated
        return (await check_token(token=token)).user_id

    @contextmanager
    def upload(self, user_id: str) -> Iterator[None]:
        """Count an upload of this user while it is under way; raises `RateLimited` when there are too many."""
        if self._under_way[user_id] >= settings.MAX_UPLOADS_AT_ONCE:
            raise RateLimited("Too many of your uploads are under way: wait for one to end.", retry_after=_RETRY_AFTER)
        self._under_way[user_id] += 1
        try:
            yield
        finally:
            self._under_way[user_id] -= 1
            if not self._under_way[user_id]:
                del self._under_way[user_id]
