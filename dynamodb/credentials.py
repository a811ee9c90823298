"""Providers of the credentials that sign requests: fixed ones, or botocore's chain, whose credentials may rotate."""

import asyncio
from typing import Any, Protocol

from botocore.exceptions import NoCredentialsError

from .errors import NoResponse
from .signing import Credentials

# Credentials that expire sooner are not used any more; botocore asks for new ones 15 minutes before they expire.
_MIN_REMAINING_SECONDS = 60


class CredentialsProvider(Protocol):
    def current(self) -> Credentials | None:
        """Return valid credentials without I/O, or None when they must be refreshed first."""

    async def refresh(self) -> Credentials: ...


class FixedCredentialsProvider:
    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def current(self) -> Credentials:
        return self._credentials

    async def refresh(self) -> Credentials:
        return self._credentials


class BotocoreCredentialsProvider:
    """Wraps the credentials object that botocore's chain found; those of a role are refreshed over the network.

    botocore blocks, so a thread refreshes, once for all callers. Requests use the old credentials while they are valid.
    """

    def __init__(self, source: Any) -> None:
        self._source = source
        # Credentials that never expire have no `refresh_needed`.
        self._expires_within = getattr(source, "refresh_needed", lambda refresh_in=None: False)
        self._credentials: Credentials | None = None
        self._refreshing: asyncio.Task[Credentials] | None = None

    def current(self) -> Credentials | None:
        if self._credentials is None or self._expires_within(_MIN_REMAINING_SECONDS):
            return None
        if self._expires_within():
            self._start_refresh()
        return self._credentials

    async def refresh(self) -> Credentials:
        # shield: cancelling one waiter must not cancel the shared task.
        return await asyncio.shield(self._start_refresh())

    def _start_refresh(self) -> asyncio.Task[Credentials]:
        if self._refreshing is None:
            self._refreshing = asyncio.create_task(self._fetch())
            self._refreshing.add_done_callback(self._on_refreshed)
        return self._refreshing

    async def _fetch(self) -> Credentials:
        if self._source is None:
            raise NoCredentialsError
        try:
            frozen = await asyncio.to_thread(self._source.get_frozen_credentials)
        except RuntimeError as error:
            raise NoResponse("the new credentials have expired already") from error
        self._credentials = Credentials(frozen.access_key, frozen.secret_key, frozen.token)
        return self._credentials

    def _on_refreshed(self, task: asyncio.Task[Credentials]) -> None:
        self._refreshing = None
        if not task.cancelled():
            # Mark the exception as retrieved: a refresh in the background has no waiter, and botocore has logged it.
            task.exception()
