"""The people of the tests of accounts, and counts of what an attempt costs."""

from collections import Counter

import pytest

from accounts import hashing
from dynamodb import store
from tests.accounts.conftest import accounts_are_kept, member, other, owner

__all__ = ["accounts_are_kept", "member", "other", "owner"]


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What attempts have cost since: hashes (`make` or `verify`, which cost the same) and calls to the store."""
    counts: Counter[str] = Counter()

    def count(module: object, name: str, what: str) -> None:
        function = getattr(module, name)

        def counted(*args: object, **kwargs: object) -> object:
            counts[what] += 1
            return function(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)

    count(hashing, "make_password", "hashes")
    count(hashing, "verify_password", "hashes")
    count(store, "call", "calls")
    return counts
