"""Pages around a message, around the first unread one and after a seq join those before a seq without a gap."""

from typing import Any

import pytest

from foundation.errors import NotFound
from groups import services as groups
from messaging import around as surroundings
from messaging import reading_budget, selectors, services
from messaging.selectors import fitting
from tests.cast import Person


async def send(person: Person, group_id: str, content: str, **more: Any) -> dict[str, Any]:
    sent = await services.send_message(actor=person.actor, group_id=group_id, content=content, **more)
    message: dict[str, Any] = sent["message"]
    return message


@pytest.fixture
async def sent(alice: Person, group_id: str) -> list[dict[str, Any]]:
    """Ten messages of alice's, with reactions and replies between them."""
    messages = []
    for number in range(10):
        messages.append(await send(alice, group_id, f"{number}"))
        await services.react(actor=alice.actor, message_id=messages[-1]["id"], emoji="👍", action="add")
        await send(alice, group_id, "a reply", parent_id=messages[0]["id"])
    return messages


async def read(person: Person, group_id: str, **place: Any) -> dict[str, Any]:
    return await selectors.read_page(actor=person.actor, group_id=group_id, **place)


def contents(page: dict[str, Any]) -> str:
    return "".join(message["content"] for message in page["messages"])


async def test_a_page_around_a_message_says_what_there_is_on_either_side(
    bob: Person, group_id: str, sent: list[dict[str, Any]]
) -> None:
    page = await read(bob, group_id, around=sent[5]["id"], limit=4)
    assert (contents(page), page["hasMore"], page["hasNewer"]) == ("3456", True, True)
    assert page["around"] == sent[5]["seq"]
    page = await read(bob, group_id, around=sent[1]["id"], limit=4)
    assert (contents(page), page["hasMore"], page["hasNewer"]) == ("0123", False, True)
    page = await read(bob, group_id, around=sent[9]["id"], limit=4)
    assert (contents(page), page["hasMore"], page["hasNewer"]) == ("6789", True, False)
    page = await read(bob, group_id, around=sent[4]["id"], limit=100)
    assert (contents(page), page["hasMore"], page["hasNewer"]) == ("0123456789", False, False)
    assert contents(await read(bob, group_id, around=sent[4]["id"], limit=1)) == "4"


async def test_from_there_one_pages_to_both_ends(bob: Person, group_id: str, sent: list[dict[str, Any]]) -> None:
    page = await read(bob, group_id, around=sent[5]["id"], limit=2)
    text, first, last = contents(page), page, page
    while first["hasMore"]:
        first = await read(bob, group_id, before=first["messages"][0]["seq"], limit=3)
        text = contents(first) + text
    while last["hasNewer"]:
        last = await read(bob, group_id, after=last["messages"][-1]["seq"], limit=3)
        assert last["hasMore"] is True
        text += contents(last)
    assert text == "0123456789"


async def test_a_page_after_a_seq(bob: Person, group_id: str, sent: list[dict[str, Any]]) -> None:
    page = await read(bob, group_id, after=0, limit=3)
    assert (contents(page), page["hasMore"], page["hasNewer"]) == ("012", False, True)
    page = await read(bob, group_id, after=sent[9]["seq"], limit=3)
    assert (contents(page), page["hasMore"], page["hasNewer"]) == ("", True, False)
    assert "around" not in page


async def test_the_first_unread_is_found_in_one_call(
    alice: Person, bob: Person, group_id: str, sent: list[dict[str, Any]]
) -> None:
    page = await read(bob, group_id, around="unread", limit=4)
    assert (contents(page), page["unreadFrom"], page["read"]) == ("0123", sent[0]["seq"], 0)
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=sent[5]["seq"])
    page = await read(bob, group_id, around="unread", limit=4)
    assert (contents(page), page["unreadFrom"], page["around"]) == ("4567", sent[6]["seq"], sent[6]["seq"])
    assert page["read"] == sent[5]["seq"]
    assert (await read(bob, group_id, around=sent[2]["id"]))["unreadFrom"] == sent[6]["seq"]
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=10**6)
    page = await read(bob, group_id, around="unread", limit=4)
    assert (contents(page), page["hasNewer"], "unreadFrom" in page) == ("6789", False, False)


async def test_what_one_has_sent_is_not_unread(alice: Person, bob: Person, group_id: str) -> None:
    await send(alice, group_id, "a")
    await send(bob, group_id, "b")
    third = await send(alice, group_id, "c")
    assert (await read(bob, group_id, around="unread"))["unreadFrom"] == third["seq"]


async def test_a_search_among_ones_own_messages_is_bounded(
    alice: Person, bob: Person, group_id: str, sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = await send(bob, group_id, "at last")
    assert await surroundings.find_first_of_others(alice.actor, group_id, 0) == later["seq"]
    original, reads = surroundings._read_entries, list[Any]()

    def read_few(group: str, after: int, start: Any, entries: int, condition: Any) -> Any:
        reads.append(entries)
        return original(group, after, start, 3, condition)

    monkeypatch.setattr(surroundings, "_read_entries", read_few)
    assert await surroundings.find_first_of_others(alice.actor, group_id, 0) == sent[0]["seq"]
    assert len(reads) <= surroundings._MAX_SEARCHES + 2


async def test_after_the_last_message_the_log_is_not_searched(
    bob: Person, group_id: str, sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    original, reads, charged = surroundings._read_entries, list[int](), list[int]()

    def read_few(group: str, after: int, start: Any, entries: int, condition: Any) -> Any:
        reads.append(entries)
        return original(group, after, start, 2, condition)

    monkeypatch.setattr(surroundings, "_read_entries", read_few)
    monkeypatch.setattr(reading_budget, "charge_entries", lambda actor, entries: charged.append(entries))
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=10**6)
    # A reaction and a reply follow.
    for place in ({"after": sent[9]["seq"]}, {"around": sent[9]["id"], "limit": 1}):
        reads.clear()
        assert (await read(bob, group_id, **place))["hasNewer"] is False
        assert len(reads) == 1
    assert charged == []
    assert contents(await read(bob, group_id, after=sent[6]["seq"], limit=3)) == "789"
    assert sum(charged) == 2 * len(charged) > 0


async def test_a_reply_stands_for_its_thread_and_a_deleted_message_for_itself(
    alice: Person, bob: Person, group_id: str, sent: list[dict[str, Any]]
) -> None:
    reply = await send(alice, group_id, "late", parent_id=sent[2]["id"])
    assert (await read(bob, group_id, around=reply["id"]))["around"] == sent[2]["seq"]
    await services.delete_message(actor=alice.actor, message_id=sent[3]["id"])
    assert (await read(bob, group_id, around=sent[3]["id"]))["around"] == sent[3]["seq"]


async def test_what_is_not_in_the_group_is_not_found(
    alice: Person, bob: Person, charlie: Person, group_id: str, sent: list[dict[str, Any]]
) -> None:
    other = await groups.create_group(actor=alice.actor, name="Elsewhere", member_ids=[bob.id])
    elsewhere = await send(alice, other.id, "x")
    for around in (elsewhere["id"], f"{group_id}.1", f"{group_id}.9999", "nonsense"):
        with pytest.raises(NotFound):
            await read(bob, group_id, around=around)
    for place in ({"around": sent[0]["id"]}, {"around": "unread"}, {"after": 1}):
        with pytest.raises(NotFound):
            await read(charlie, group_id, **place)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("place", "kept"), [({}, "89"), ({"hasNewer": False}, "01"), ({"hasNewer": False, "around": 15}, "34")]
)
def test_a_page_that_does_not_fit_keeps_what_it_is_about(place: dict[str, Any], kept: str, settings: Any) -> None:
    settings.MAX_PACKET_BYTES = 2_500
    messages = [{"content": f"{number}", "seq": 11 + number, "more": "x" * 150} for number in range(10)]
    state = fitting({"messages": messages, "hasMore": False, "head": 99, **place})
    assert contents(state) == kept
    assert state["hasMore"] is (kept != "01")
    assert state.get("hasNewer") is ({"89": None}.get(kept, True))
