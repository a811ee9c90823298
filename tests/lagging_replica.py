"""A replica of the Users table that lags behind, as it may on AWS: DynamoDB Local has only one copy."""

from typing import Any

import pytest

from users.models import UserRow


class LaggingReplica:
    """Lets eventually consistent reads of users by id find nobody."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._batch_get = UserRow.batch_get
        monkeypatch.setattr(UserRow, "batch_get", self._read)

    def _read(self, keys: Any, *, consistent_read: bool = False) -> Any:
        return self._batch_get(keys, consistent_read=True) if consistent_read else []
