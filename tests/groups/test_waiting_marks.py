"""A mark that its author's own message has moved counts at once, also if it is written while it is read."""

from collections.abc import Callable
from typing import Any

import pytest

from groups import mark_rows, memberships, selectors
from groups.log.heads import find_heads
from groups.read_mark import MarkKey
from groups.read_marks import read_marks
from messaging import services
from tests.cast import Person


def write_all_after(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Write all marks that wait right after this has read its rows, as the flusher may."""
    read: Callable[..., Any] = getattr(module, name)

    async def read_and_write(*args: Any, **kwargs: Any) -> Any:
        found = await read(*args, **kwargs)
        with monkeypatch.context() as patch:
            patch.setattr(module, name, read)
            await read_marks().write_all()
        return found

    monkeypatch.setattr(module, name, read_and_write)


async def test_a_list_has_it(monkeypatch: pytest.MonkeyPatch, alice: Person, group_id: str) -> None:
    write_all_after(monkeypatch, memberships, "find_memberships")
    for read in ("list", "ready", "detail"):
        sent = await services.send_message(actor=alice.actor, group_id=group_id, content=read)
        if read == "list":
            (found,) = await selectors.list_summaries(actor=alice.actor, group_ids=[group_id])
            place = found.read
        elif read == "ready":
            heads = await find_heads([group_id])
            (found,) = await selectors.list_summaries_at(actor=alice.actor, heads=heads)
            place = found.read
        else:
            place = (await selectors.get_group_detail(actor=alice.actor, group_id=group_id))["read"]
        assert place == sent["message"]["seq"], read


async def test_a_thread_has_it(monkeypatch: pytest.MonkeyPatch, alice: Person, group_id: str) -> None:
    root = (await services.send_message(actor=alice.actor, group_id=group_id, content="root"))["message"]["id"]
    write_all_after(monkeypatch, mark_rows, "find_read_marks")
    sent = await services.send_message(actor=alice.actor, group_id=group_id, content="reply", parent_id=root)
    key = MarkKey(alice.id, group_id, root)
    assert (await selectors.find_read_marks(keys=[key]))[key].seq == sent["message"]["seq"]
