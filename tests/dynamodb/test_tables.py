"""Tables are made, however long a busy engine takes; it is said what is waited for."""

from uuid import uuid4

import pytest

from dynamodb import store, tables
from dynamodb.tables import TookTooLong, create_missing, wait_until
from foundation.errors import Unavailable
from users.models import UserRow


@pytest.mark.parametrize("answer", [store.OutcomeUnknown(), Unavailable(), store.InUse(), False])
async def test_what_has_no_answer_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch, answer: Exception | bool) -> None:
    monkeypatch.setattr(tables, "_POLL_SECONDS", 0)
    monkeypatch.setattr(tables, "_REPORT_SECONDS", 0)
    answers, reports = [answer] * 30, list[str]()

    async def is_there() -> bool:
        if not answers:
            return True
        now = answers.pop()
        if isinstance(now, Exception):
            raise now
        return now

    await wait_until(is_there, "the table", reports.append)
    assert set(reports) == {"waiting for the table"}


async def test_it_is_not_waited_for_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "PATIENCE", 0)

    async def is_there() -> bool:
        return False

    with pytest.raises(TookTooLong, match="the table is not there"):
        await wait_until(is_there, "the table")


async def test_what_refuses_is_not_waited_for() -> None:
    async def is_there() -> bool:
        raise PermissionError

    with pytest.raises(PermissionError):
        await wait_until(is_there, "the table")


async def test_a_table_whose_making_had_no_answer_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    class Row(UserRow):
        class Meta(store.TableMeta):
            table_name = f"{UserRow.Meta.table_name}-{uuid4().hex[:8]}"

    call, calls = store.call, list[str]()

    async def without_answer(function, *args, **kwargs):  # type: ignore[no-untyped-def]
        answer = await call(function, *args, **kwargs)
        calls.append(function.__name__)
        if function.__name__ == "create_table":
            raise store.OutcomeUnknown
        return answer

    monkeypatch.setattr(store, "call", without_answer)
    assert await create_missing([Row]) == [Row]
    assert await create_missing([Row]) == []
    assert calls.count("create_table") == 1
    await call(Row.delete_table)
