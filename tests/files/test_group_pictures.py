"""A group's picture is set by who manages it, seen by members and who finds it, and told; the former one is gone."""

import asyncio
from datetime import timedelta

import pytest

from files import storage
from files.pictures import models
from files.pictures.cutting import SIDES, SentPicture
from files.pictures.models import GROUP, Owner
from files.pictures.services import remove_group_picture, set_group_picture, sweep_pictures
from foundation.errors import Forbidden, Invalid, NotFound, TooLarge
from groups import selectors, services
from groups.models import Group
from messaging.change_events import changes_after
from tests.cast import Person
from tests.media import picture
from tests.workspace.cast import person_of
from users.roles import GUEST

from .conftest import Browser, pieces
from .test_pictures import form
from .test_thumbnails import open_image


async def give(person: Person, group_id: str, content: bytes) -> Group:
    sent = SentPicture(pieces(content), len(content))
    return await set_group_picture(actor=person.actor, group_id=group_id, picture=sent)


async def stored_of(group_id: str) -> list[str]:
    return [document["_id"] for document in await storage.pictures().find({"groupId": group_id}, {"_id": 1}).to_list()]


async def test_it_is_shown_wherever_the_group_is_and_told(alice: Person, bob: Person, group_id: str) -> None:
    head = (await selectors.get_head_position(group_id=group_id)).seq
    group = await give(alice, group_id, picture())
    assert group.as_wire()["imageUrl"] == group.image_url
    (summary,) = await selectors.list_summaries(actor=bob.actor, group_ids=[group_id])
    assert summary.as_wire()["imageUrl"] == group.image_url
    detail = await selectors.get_group_detail(actor=bob.actor, group_id=group_id)
    assert detail["imageUrl"] == group.image_url
    (change,) = await changes_after(group_id, head)
    assert (change.event, str(group.image_url).encode() in change.data) == ("group_update", True)


async def test_the_former_one_is_deleted(alice: Person, group_id: str) -> None:
    first = await give(alice, group_id, picture())
    second = await give(alice, group_id, picture(80, 80))
    assert first.picture_id != second.picture_id
    assert await stored_of(group_id) == [second.picture_id]
    gone = await remove_group_picture(actor=alice.actor, group_id=group_id)
    assert (gone.image_url, await stored_of(group_id)) == (None, [])
    # There is nothing to be told again.
    head = await selectors.get_head_position(group_id=group_id)
    assert (await remove_group_picture(actor=alice.actor, group_id=group_id)).picture_id is None
    assert await selectors.get_head_position(group_id=group_id) == head


async def test_of_pictures_and_names_set_at_once_all_hold(alice: Person, group_id: str) -> None:
    await asyncio.gather(
        *(give(alice, group_id, picture(60 + n, 60)) for n in range(3)),
        *(services.rename_group(actor=alice.actor, group_id=group_id, name=f"Name {n}") for n in range(3)),
    )
    group = await selectors.get_group(actor=alice.actor, group_id=group_id)
    assert await stored_of(group_id) == [group.picture_id]
    renamed = await services.rename_group(actor=alice.actor, group_id=group_id, name="Last")
    assert renamed.picture_id == group.picture_id


async def test_who_does_not_manage_the_group_sets_none(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    for person, error in ((bob, Forbidden), (charlie, NotFound)):
        with pytest.raises(error):
            await give(person, group_id, picture())
        with pytest.raises(error):
            await remove_group_picture(actor=person.actor, group_id=group_id)
    direct = await services.create_direct(actor=alice.actor, user_id=bob.id)
    with pytest.raises((Invalid, Forbidden)):
        await give(alice, direct.id, picture())
    with pytest.raises(Invalid):
        await give(alice, group_id, b"no picture")
    too_large = SentPicture(pieces(b""), 10**9)
    with pytest.raises(TooLarge):
        await set_group_picture(actor=alice.actor, group_id=group_id, picture=too_large)
    assert await stored_of(group_id) == []


async def test_the_sweep_keeps_what_a_group_has(alice: Person, group_id: str) -> None:
    kept = await give(alice, group_id, picture())
    await models.insert("picture_of_nobody", Owner(GROUP, group_id), [])
    await models.insert("picture_of_no_group", Owner(GROUP, "group_that_is_gone"), [])
    await sweep_pictures(older_than=timedelta(seconds=-5))
    assert await stored_of(group_id) == [kept.picture_id]
    assert await stored_of("group_that_is_gone") == []


async def test_members_see_it_and_nobody_else(
    browser: Browser, alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    hers, his, strangers = await browser(alice), await browser(bob), await browser(charlie)
    address = f"/api/groups/{group_id}/picture"
    assert (await his.put(address, **form(picture()))).status_code == 403
    put = await hers.put(address, **form(picture(90, 60), left=0, top=0, side=30))
    assert put.status_code == 200
    url = put.json()["imageUrl"]
    for side in SIDES:
        seen = await his.get(f"{url}&size={side}")
        assert (seen.status_code, seen.headers["content-type"]) == (200, "image/webp")
        assert open_image(seen.content).size == (side, side)
    again = await his.get(f"{url}&size={SIDES[-1]}", headers={"If-None-Match": seen.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await strangers.get(url)).status_code == 404
    await services.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    assert (await his.get(url, headers={"If-None-Match": seen.headers["etag"]})).status_code == 404
    assert (await his.delete(address)).status_code == 404
    assert (await hers.delete(address)).status_code == 204
    assert (await hers.get(url)).status_code == 404


async def test_who_finds_the_group_sees_it(browser: Browser, alice: Person, charlie: Person, group_id: str) -> None:
    url = str((await give(alice, group_id, picture())).image_url)
    guest = await person_of(GUEST)
    strangers, guests = await browser(charlie), await browser(guest)
    assert (await strangers.get(url)).status_code == 404
    await services.change_group(actor=alice.actor, group_id=group_id, visibility="public")
    assert ((await strangers.get(url)).status_code, (await guests.get(url)).status_code) == (200, 404)
    await services.change_group(actor=alice.actor, group_id=group_id, archived=True)
    assert (await strangers.get(url)).status_code == 404
    # An archived group keeps its picture, and its members see it.
    with pytest.raises(Forbidden):
        await give(alice, group_id, picture(80, 80))
    assert (await (await browser(alice)).get(url)).status_code == 200
    assert len(await stored_of(group_id)) == 1
