"""A store that does not respond: what it was asked to write may be written."""

from collections.abc import Callable
from typing import Any

import pytest

from dynamodb import store
from groups.log.entry import Entry


class UnresponsiveStore:
    """DynamoDB, which performs one write to a log without answering, and then times out for a number of calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.timeouts = 0
        self._armed = False
        self._call = store.call
        monkeypatch.setattr(store, "call", self.call)

    def lose_next_response(self, *, timeouts: int) -> None:
        self._armed, self.timeouts = True, timeouts

    async def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        writes = isinstance(getattr(function, "__self__", None), Entry) or function.__name__ == "transact"
        if self._armed and writes:
            self._armed = False
            await self._call(function, *args, **kwargs)
            raise store.OutcomeUnknown
        if self.timeouts and not self._armed:
            self.timeouts -= 1
            raise store.OutcomeUnknown
        return await self._call(function, *args, **kwargs)
