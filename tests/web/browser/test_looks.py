"""What is shown keeps its shape: long names, large counts, many groups, what is edited and what is deleted."""

from collections.abc import Iterator

import pytest
from playwright.async_api import FloatRect, Locator, expect

from tests.web.serving import Server

from .person import Person
from .tour import call

_LONG = "Arbeitskreis_Dokumentationsqualitätssicher"
_SET_UNREAD = """async ([groupId, unread]) => {
    const { setUnread } = await import('/static/web/js/app/sidebar.js');
    setUnread(groupId, { unread, mentions: 0, all: 0 });
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One on which somebody may make many groups at once."""
    server = Server(tmp_path_factory.mktemp("looks") / "server.log", RATE_LIMITS="off")
    server.manage("create_tables")
    server.start()
    yield server
    server.stop()


async def box_of(locator: Locator) -> FloatRect:
    box = await locator.bounding_box()
    assert box
    return box


async def is_within(inner: Locator, outer: Locator) -> bool:
    one, other = await box_of(inner), await box_of(outer)
    return (
        other["x"] <= one["x"]
        and one["x"] + one["width"] <= other["x"] + other["width"]
        and other["y"] <= one["y"]
        and one["y"] + one["height"] <= other["y"] + other["height"]
    )


async def test_a_long_name_keeps_its_badge_in_view(alice: Person) -> None:
    assert len(_LONG) == 42
    group_id = await has_closed_group(alice, _LONG)
    await alice.page.evaluate(_SET_UNREAD, [group_id, 3])
    await is_whole(alice, _LONG)


async def has_closed_group(person: Person, name: str) -> object:
    """Return the id of a new group that is not open, whose count nothing else changes."""
    group_id = (await call(person.page, "POST", "/api/groups", {"name": name}))["id"]
    await expect(person.row(name)).to_be_visible()
    return group_id


async def is_whole(person: Person, name: str) -> None:
    badge = person.row(name).locator("[data-field=unread]")
    await expect(badge).to_be_visible()
    assert await is_within(badge, person.page.locator("#sidebar"))
    assert await is_within(badge, person.row(name).locator("a"))


async def test_a_badge_says_that_there_are_more_than_it_can_say(alice: Person) -> None:
    group_id = await has_closed_group(alice, "Busy")
    count = alice.row("Busy").locator("[data-field=count]")
    for unread, shown in ((999, "999"), (1_200, "999+")):
        await alice.page.evaluate(_SET_UNREAD, [group_id, unread])
        await expect(count).to_have_text(shown)
        await is_whole(alice, "Busy")
        # The title of the tab has all of it.
        assert f"({unread})" in await alice.page.title()


async def test_direct_messages_are_in_view_beneath_many_groups(alice: Person, bob: Person) -> None:
    page = alice.page
    for number in range(50):
        await call(page, "POST", "/api/groups", {"name": f"Group {number:02}"})
    bobs_id = await bob.page.locator("body").get_attribute("data-user-id")
    await call(page, "POST", "/api/groups/direct", {"userId": bobs_id})
    groups, direct = page.locator("#sidebar ul[data-kind=group]"), page.locator("#sidebar ul[data-kind=direct] > li")
    await expect(groups.locator("li")).to_have_count(50)
    for height in (720, 1080):
        await page.set_viewport_size({"width": 1280, "height": height})
        assert await is_within(direct.first, page.locator(".sidebar-lists"))
        # At least four of the groups are in view too.
        assert (await box_of(groups))["height"] >= 4 * (await box_of(direct.first))["height"]


async def test_the_list_is_in_one_order_live_and_after_a_reload(alice: Person) -> None:
    page = alice.page
    made = {}
    for name in ("Zoo", "apple", "Äpfel", "_under", "Banana", "[brackets]", "straße", "STRASSENBAHN", "42", "été"):
        made[name] = (await call(page, "POST", "/api/groups", {"name": name}))["id"]
    await expect(names_of_groups(alice)).to_have_count(len(made))
    await same_after_a_reload(alice)
    await call(page, "PATCH", f"/api/groups/{made['Zoo']}", {"name": "aardvark"})
    await expect(alice.row("aardvark")).to_be_visible()
    await same_after_a_reload(alice)


def names_of_groups(person: Person) -> Locator:
    return person.page.locator("#sidebar ul[data-kind=group] [data-field=name]")


async def same_after_a_reload(person: Person) -> None:
    before = await names_of_groups(person).all_inner_texts()
    await person.page.reload(wait_until="load")
    assert await names_of_groups(person).all_inner_texts() == before


_IN_LINE = """(message) => {
    const edited = message.querySelector('.edited').getBoundingClientRect();
    const text = document.createRange();
    text.selectNodeContents(message.querySelector('.content'));
    const last = [...text.getClientRects()].at(-1);
    return last.top <= edited.bottom && edited.top <= last.bottom && edited.left >= last.right - 1;
}"""


async def test_edited_stands_in_line_with_the_text(alice: Person, bob: Person, together: str) -> None:
    for text in ("one line", "two paragraphs\n\nof which this is the last"):
        await alice.says(text)
        start = text.partition("\n")[0]
        message_id = await (await alice.sees(start)).get_attribute("data-message-id")
        await call(alice.page, "PATCH", f"/api/messages/{message_id}", {"content": f"{text}, edited"})
        for person in (alice, bob):
            await expect(person.message(start).locator(".edited")).to_be_visible()
            assert await person.message(start).evaluate(_IN_LINE)


async def test_a_deleted_message_is_one_thin_line(alice: Person, bob: Person, together: str) -> None:
    for text in ("the first", "one that continues"):
        await alice.says(text)
        await bob.sees(text)
    for text in ("one that continues", "the first"):
        await alice.deletes(text)
    await expect(bob.page.locator("#scroller .message.deleted")).to_have_count(2)
    await are_thin(bob)
    await bob.page.reload(wait_until="load")
    await are_thin(bob)


async def are_thin(person: Person) -> None:
    for message in await person.page.locator("#scroller .message.deleted").all():
        assert (await box_of(message))["height"] <= 26


_COVERED = """(message) => {
    const bar = message.querySelector('.actions').getBoundingClientRect();
    const all = message.matches('.continued') ? message : message.closest('.log');
    return [...all.querySelectorAll('.content')].flatMap((content) => {
        // The text itself: the boxes of its paragraphs are as wide as the column.
        const text = document.createRange();
        text.selectNodeContents(document.createTreeWalker(content, NodeFilter.SHOW_TEXT).nextNode());
        // Of a line, its letters do not fill the upper and the lower quarter.
        return [...text.getClientRects()].filter(({ left, right, top, bottom }) =>
            right > bar.left + 1 && left < bar.right - 1 && bottom > bar.top + 5 && top < bar.bottom - 5);
    }).length;
}"""


async def test_the_bar_of_a_message_hides_none_of_its_text(alice: Person, bob: Person, together: str) -> None:
    page = alice.page
    group_id = await page.locator("#conversation").get_attribute("data-group-id")
    # Without the panel.
    await page.goto(f"{alice.url}/groups/{group_id}")
    await page.set_viewport_size({"width": 760, "height": 900})
    for number, person in enumerate((alice, alice, bob, bob, bob)):
        await person.says(f"({number}) " + "words that fill more than a line of a narrow screen, " * 5)
        await alice.sees(f"({number})")
    for message in await page.locator("#scroller .message").all():
        await message.hover()
        await expect(message.locator(".actions")).to_be_visible()
        assert await message.evaluate(_COVERED) == 0
