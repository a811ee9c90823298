"""What is told of what belongs to a user: one that is lost leaves a gap that clients see."""

from typing import Any

import orjson
import pytest

from foundation.errors import Unavailable
from realtime.hub.hub import Hub
from tests.cast import person
from users import models, selectors
from users.events import UserUpdated
from users.updates import user_updates


async def test_the_revision_counts_what_could_not_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    user_id = (await person("Alice")).id
    told: list[Any] = []
    monkeypatch.setattr(Hub, "publish_to_user", lambda hub, to, event, body: told.append(orjson.loads(body)))
    before = await selectors.get_revision(user_id=user_id)

    async def fail(*args: Any) -> int:
        raise Unavailable

    with monkeypatch.context() as away:
        away.setattr(models, "add_to_revision", fail)
        for number in range(2):
            user_updates().tell(user_id, UserUpdated.SAVED, {"number": number})
            await user_updates().wait()
    for number in range(2, 4):
        user_updates().tell(user_id, UserUpdated.SAVED, {"number": number})
        await user_updates().wait()
    assert [(one["number"], one["revision"]) for one in told] == [(2, before + 3), (3, before + 4)]
    assert await selectors.get_revision(user_id=user_id) == before + 4
