"""The best first: whole words before parts of words, side by side before apart, and the newer of equals."""

import pytest

from foundation.errors import Invalid, Unavailable
from messaging import services
from search import ranking
from search.selectors import BEST, search
from search.walking import Found, Search
from tests.cast import Person
from tests.search.searching import cursor_of, found, index, say


async def best(who: Person, query: str, *, limit: int = 50) -> list[str]:
    return await found(who, query, order=BEST, limit=limit)


@pytest.mark.parametrize("plan", ["plan", "план", "σχέδιο", "תוכנית"])
async def test_whole_words_are_before_beginnings_and_those_before_parts(
    alice: Person, group_id: str, plan: str
) -> None:
    texts = (f"the {plan}, today", f"un{plan}ned", f"{plan}ning it", f"«{plan}» again", f"_{plan}_", f"re{plan}s")
    whole, part, begins, newer, underlined, newest = [await say(alice, group_id, text) for text in texts]
    await index(group_id)
    assert await best(alice, plan) == [underlined, newer, whole, begins, newest, part]
    assert await found(alice, plan) == [newest, underlined, newer, begins, part, whole]


async def test_texts_that_stand_side_by_side_are_before_those_apart(alice: Person, group_id: str) -> None:
    texts = ("the engine room is hot", "an engine, and a room", "room engine", "engines rooms")
    together, apart, reverse, begins = [await say(alice, group_id, text) for text in texts]
    await index(group_id)
    assert await best(alice, "engine room") == [together, reverse, apart, begins]


async def test_pages_have_each_once_in_windows_of_the_newest(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "WINDOW", 6)
    ids = [await say(alice, group_id, "a ship" if number % 3 == 0 else "shipping") for number in range(14)]
    await index(group_id)
    windows = [ids[8:], ids[2:8], ids[:2]]
    ranked = [sorted(window, key=lambda each: (ids.index(each) % 3 != 0, -ids.index(each))) for window in windows]
    for limit in (1, 4, 50):
        assert await best(alice, "ship", limit=limit) == [each for window in ranked for each in window]


async def test_what_changes_between_two_pages_is_in_none_or_as_it_is_now(alice: Person, group_id: str) -> None:
    ids = [await say(alice, group_id, f"ship {number}") for number in range(6)]
    await index(group_id)
    page = await search(actor=alice.actor, query="ship", order=BEST, limit=2)
    await services.delete_message(actor=alice.actor, message_id=ids[3])
    await services.edit_message(actor=alice.actor, message_id=ids[2], content="boat")
    await say(alice, group_id, "ship anew")
    await index(group_id)
    rest = await search(actor=alice.actor, query="ship", order=BEST, cursor=cursor_of(page))
    assert [item["message"]["id"] for item in rest["items"]] == [ids[1], ids[0]]
    assert "nextCursor" not in rest


async def test_a_cursor_goes_with_its_order(alice: Person, group_id: str) -> None:
    for number in range(3):
        await say(alice, group_id, f"ship {number}")
    await index(group_id)
    page = await search(actor=alice.actor, query="ship", order=BEST, limit=1)
    with pytest.raises(Invalid) as refused:
        await search(actor=alice.actor, query="ship", cursor=cursor_of(page))
    assert refused.value.fields
    assert refused.value.fields.keys() == {"cursor"}


async def test_a_window_that_is_not_found_again_in_time_is_said_to_be(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part of it would be in another order."""
    for number in range(3):
        await say(alice, group_id, f"ship {number}")
    await index(group_id)
    page = await search(actor=alice.actor, query="ship", order=BEST, limit=1)

    async def slow(self: Search) -> Found:
        return Found([], self.below - 1)

    monkeypatch.setattr(Search, "run", slow)
    with pytest.raises(Unavailable):
        await search(actor=alice.actor, query="ship", order=BEST, cursor=cursor_of(page))


async def test_what_has_no_word_is_in_order_of_time(alice: Person, group_id: str) -> None:
    ids = [await say(alice, group_id, "https://example.org") for _ in range(3)]
    await index(group_id)
    assert await best(alice, f"has:link in:{group_id}") == ids[::-1]
