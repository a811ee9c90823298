"""One user on two devices, and one in more groups than `ready` lists."""

from playwright.async_api import Locator, Page, expect

from .conftest import OpensAgain
from .person import Person

GROUPS = 60


def unread(page: Page, group: str) -> Locator:
    return page.locator("#sidebar .group", has_text=group).locator("[data-field=unread]")


async def test_what_is_read_on_one_device_is_read_on_the_other(
    alice: Person, bob: Person, together: str, opens_again: OpensAgain
) -> None:
    other = await opens_again(bob, "/?list")
    await bob.page.goto(f"{bob.url}/?list")
    await alice.says("ahoy")
    for page in (bob.page, other):
        await expect(unread(page, together)).to_contain_text("1")
    await bob.opens(together)
    await expect(unread(other, together)).to_be_hidden()


async def test_what_is_sent_on_one_device_is_read_on_the_other(
    alice: Person, bob: Person, together: str, opens_again: OpensAgain
) -> None:
    other = await opens_again(bob, "/?list")
    await alice.says("ahoy")
    await bob.says("aye")
    await expect(unread(other, together)).to_be_hidden()


async def test_every_group_is_in_the_sidebar_although_ready_lists_a_page(alice: Person) -> None:
    (token,) = [c["value"] for c in await alice.page.context.cookies() if c["name"] == "__session"]
    for number in range(GROUPS):
        created = await alice.page.request.post(
            f"{alice.url}/api/groups",
            headers={"Authorization": f"Bearer {token}"},
            data={"name": f"Berth {number:02d}"},
        )
        assert created.ok
    await alice.page.goto(f"{alice.url}/?list")
    rows = alice.page.locator("#sidebar .group")
    await expect(rows).to_have_count(GROUPS)
    await expect(alice.page.locator("#more-groups")).to_have_count(0)
    assert await rows.locator("[data-field=name]").all_text_contents() == [f"Berth {n:02d}" for n in range(GROUPS)]
