"""Whose keys sign the requests: given ones, or those of botocore's chain, which change while the server runs."""

import asyncio
from typing import Any, Protocol

from botocore.exceptions import NoCredentialsError

from .errors import NoResponse
from .signing import Keys

# Keys that run out within this are not used any more; botocore asks for new ones a quarter of an hour before.
_TOO_LATE_SECONDS = 60


class Credentials(Protocol):
    def known(self) -> Keys | None:
        """Return the keys, or None when they must be renewed first."""

    async def renewed(self) -> Keys: ...


class FixedCredentials:
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def known(self) -> Keys:
        return self._keys

    async def renewed(self) -> Keys:
        return self._keys


class ChainCredentials:
    """What botocore's chain found (its `Credentials`): those of a role ask the network for new ones, again and again.

    botocore blocks, so it does that on a thread, once for all who need it; the old keys are used for as long as they
    are good.
    """

    def __init__(self, source: Any) -> None:
        self._source = source
        # Keys that never run out have no `refresh_needed`.
        self._runs_out = getattr(source, "refresh_needed", lambda refresh_in=None: False)
        self._keys: Keys | None = None
        self._renewal: asyncio.Task[Keys] | None = None

    def known(self) -> Keys | None:
        if self._keys is None or self._runs_out(_TOO_LATE_SECONDS):
            return None
        if self._runs_out():
            self._renew()
        return self._keys

    async def renewed(self) -> Keys:
        # One who goes away must not take it from the others.
        return await asyncio.shield(self._renew())

    def _renew(self) -> asyncio.Task[Keys]:
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._fetch())
            self._renewal.add_done_callback(self._on_renewed)
        return self._renewal

    async def _fetch(self) -> Keys:
        if self._source is None:
            raise NoCredentialsError
        try:
            frozen = await asyncio.to_thread(self._source.get_frozen_credentials)
        except RuntimeError as error:
            raise NoResponse("the new credentials have run out already") from error
        self._keys = Keys(frozen.access_key, frozen.secret_key, frozen.token)
        return self._keys

    def _on_renewed(self, renewal: asyncio.Task[Keys]) -> None:
        self._renewal = None
        if not renewal.cancelled():
            # botocore has logged why; whoever waits for the keys gets it too.
            renewal.exception()
