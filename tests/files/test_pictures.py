"""A person's picture is a square in three sizes, upright and without secrets; the former one is gone."""

import asyncio
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from PIL import Image
from pytest_django import Settings

from files import storage
from files.pictures.cutting import SIDES, SentPicture
from files.pictures.services import remove_picture, set_picture, sweep_pictures
from foundation.errors import Invalid, TooLarge, Unavailable
from tests.cast import Person
from tests.media import picture
from users import profiles, selectors
from users import services as users
from users.user import User

from .conftest import Browser, pieces
from .test_thumbnails import SECRET, open_image, photo


async def give(person: Person, content: bytes, square: tuple[int, int, int] | None = None) -> User:
    return await set_picture(actor=person.actor, picture=SentPicture(pieces(content), len(content), square))


async def stored_of(person: Person) -> list[str]:
    documents = await storage.pictures().find({"userId": person.id}, {"_id": 1}).to_list()
    return [document["_id"] for document in documents]


@pytest.fixture
async def client(browser: Browser, alice: Person) -> httpx.AsyncClient:
    return await browser(alice)


async def shown(client: httpx.AsyncClient, user: User, size: int = 256) -> Image.Image:
    assert user.image_url
    response = await client.get(f"{user.image_url}&size={size}")
    assert (response.status_code, response.headers["content-type"]) == (200, "image/webp")
    return open_image(response.content)


def colours(image: Image.Image) -> set[str]:
    """Return which of red and blue the corners of an image are."""
    last = image.width - 1
    found = [image.convert("RGB").getpixel(corner) for corner in ((2, 2), (last - 2, 2), (2, last - 2))]
    return {"red" if isinstance(pixel, tuple) and pixel[0] > pixel[2] else "blue" for pixel in found}


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
async def test_each_type_becomes_a_square_in_each_size(
    client: httpx.AsyncClient, alice: Person, image_format: str
) -> None:
    user = await give(alice, picture(300, 200, image_format))
    assert user.as_wire()["imageUrl"] == user.image_url
    for side in SIDES:
        assert (await shown(client, user, side)).size == (side, side)


async def test_the_square_is_where_it_was_chosen_in_the_picture_as_it_is_seen(
    client: httpx.AsyncClient, alice: Person
) -> None:
    # The upper left quarter is red.
    assert colours(await shown(client, await give(alice, picture(400, 400), (0, 0, 200)))) == {"red"}
    assert colours(await shown(client, await give(alice, picture(400, 400), (200, 0, 200)))) == {"blue"}
    assert colours(await shown(client, await give(alice, picture(400, 400)))) == {"red", "blue"}
    # Lying on its side: as it is seen, the red quarter is on the right.
    turned = photo("JPEG", 6, 400, 400)
    assert colours(await shown(client, await give(alice, turned, (200, 0, 200)))) == {"red"}
    # What reaches over the picture is moved into it.
    assert colours(await shown(client, await give(alice, picture(400, 400), (90_000, 0, 90_000)))) == {"red", "blue"}


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "AVIF"])
async def test_nothing_of_what_a_camera_wrote_is_kept(alice: Person, image_format: str, settings: Settings) -> None:
    settings.KEEP_IMAGE_METADATA = True
    content = photo(image_format)
    assert SECRET.encode() in content
    await give(alice, content)
    (document,) = await storage.pictures().find({"userId": alice.id}).to_list()
    for side in SIDES:
        small = bytes(document["sizes"][str(side)])
        assert SECRET.encode() not in small
        assert dict(open_image(small).getexif()) == {}


async def test_the_former_picture_is_deleted(client: httpx.AsyncClient, alice: Person) -> None:
    first = await give(alice, picture())
    second = await give(alice, picture(80, 80))
    assert first.image_url != second.image_url
    assert await stored_of(alice) == [second.picture_id]
    gone = await remove_picture(actor=alice.actor)
    assert (gone.image_url, await stored_of(alice)) == (None, [])
    assert (await client.get(second.image_url or "")).status_code == 404


async def test_a_write_whose_response_was_lost_is_known_again(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    first, write = await give(alice, picture()), profiles.set_picture
    lost: list[User | None] = []

    async def lose_the_first_response(*args: Any, **options: Any) -> User | None:
        user = await write(*args, **options)
        lost.append(user)
        # The client of DynamoDB has repeated the write, and its condition no longer holds.
        return None if len(lost) % 2 else user

    monkeypatch.setattr(profiles, "set_picture", lose_the_first_response)
    second = await give(alice, picture(80, 80))
    assert second.picture_id not in (None, first.picture_id)
    assert await stored_of(alice) == [second.picture_id]
    lost.clear()
    await remove_picture(actor=alice.actor)
    assert await stored_of(alice) == []


async def test_of_pictures_set_at_once_one_is_kept(alice: Person) -> None:
    results = await asyncio.gather(*(give(alice, picture(60 + n, 60)) for n in range(4)), return_exceptions=True)
    assert all(isinstance(result, User | Unavailable) for result in results), results
    user = await selectors.get_user(user_id=alice.id)
    assert await stored_of(alice) == [user.picture_id]


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"GIF89a" + bytes(50), b"<svg onload='x'/>"])
async def test_what_is_no_picture_is_refused(alice: Person, content: bytes) -> None:
    with pytest.raises(Invalid) as raised:
        await give(alice, content)
    assert list(raised.value.fields or ()) == ["file"]
    assert await stored_of(alice) == []


async def test_a_picture_has_a_greatest_size(alice: Person, settings: Settings) -> None:
    settings.MAX_PICTURE_BYTES = 100
    with pytest.raises(TooLarge):
        await give(alice, picture())


async def test_a_picture_that_could_not_be_set_is_not_kept(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(**_: Any) -> None:
        raise Invalid

    with monkeypatch.context() as patched:
        patched.setattr(users, "set_picture", refuse)
        with pytest.raises(Invalid):
            await give(alice, picture())
    assert await stored_of(alice) == []


async def test_the_sweep_deletes_what_is_nobodys_and_nothing_else(alice: Person, bob: Person) -> None:
    kept = await give(alice, picture())
    await give(bob, picture())
    # As a process that stopped in between leaves them.
    await users.set_picture(actor=bob.actor, picture_id=None)
    await profiles.remove(bob.id)
    assert await sweep_pictures(older_than=timedelta(hours=1)) == 0
    assert await sweep_pictures(older_than=timedelta(seconds=-5)) >= 1
    assert (await stored_of(alice), await stored_of(bob)) == ([kept.picture_id], [])


# --- over HTTP -------------------------------------------------------------------------------------------------------
def form(content: bytes, **square: Any) -> dict[str, Any]:
    return {"files": {"file": ("me.png", content, "application/x-anything")}, "data": square}


async def test_it_is_put_seen_and_taken_away(browser: Browser, alice: Person, bob: Person) -> None:
    mine, his, nobody = await browser(alice), await browser(bob), await browser(None)
    put = await mine.put("/api/users/me/picture", **form(picture(90, 60), left=0, top=0, side=30))
    assert put.status_code == 200
    url = put.json()["imageUrl"]
    seen = await his.get(url)
    assert (seen.status_code, seen.headers["cache-control"]) == (200, "private, no-cache")
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert open_image(seen.content).size == (256, 256)
    assert (await his.get(f"/api/users/{alice.id}/picture")).headers["etag"] == seen.headers["etag"]
    again = await his.get(url, headers={"If-None-Match": seen.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await his.get(f"{url}&size=48", headers={"If-None-Match": seen.headers["etag"]})
    assert other.status_code == 200
    assert (await nobody.get(url)).status_code == 401
    assert (await nobody.put("/api/users/me/picture", **form(picture()))).status_code == 401
    assert (await mine.delete("/api/users/me/picture")).status_code == 204
    assert (await his.get(url)).status_code == 404
    assert "imageUrl" not in (await his.get(f"/api/users/{alice.id}")).json()


@pytest.mark.parametrize(
    ("square", "field"),
    [
        ({"left": 0}, "side"),
        ({"left": 0, "top": 0, "side": 0}, "side"),
        ({"left": -1, "top": 0, "side": 5}, "left"),
        ({"left": "x", "top": 0, "side": 5}, "left"),
        ({"left": 10**9, "top": 0, "side": 5}, "left"),
    ],
)
async def test_a_square_is_three_numbers(client: httpx.AsyncClient, square: dict[str, Any], field: str) -> None:
    response = await client.put("/api/users/me/picture", **form(picture(), **square))
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, [field])


async def test_only_a_form_with_a_picture_is_taken(client: httpx.AsyncClient, settings: Settings) -> None:
    assert (await client.put("/api/users/me/picture", json={"file": "x"})).status_code == 415
    assert (await client.put("/api/users/me/picture", data={"file": "x"}, files={"x": b"x"})).status_code == 400
    large = io.BytesIO()
    Image.effect_noise((1200, 1200), 90).save(large, "PNG")
    assert large.tell() > settings.MAX_BODY_BYTES
    assert (await client.put("/api/users/me/picture", **form(large.getvalue()))).status_code == 200
    settings.MAX_PICTURE_BYTES = 200_000
    settings.MAX_BODY_BYTES = 10_000
    assert (await client.put("/api/users/me/picture", **form(large.getvalue()))).status_code == 413


@pytest.mark.parametrize("query", ["size=47", "size=x", "w=1", "size=48&size=96"])
async def test_other_sizes_are_refused(client: httpx.AsyncClient, alice: Person, query: str) -> None:
    await give(alice, picture())
    assert (await client.get(f"/api/users/{alice.id}/picture?{query}")).status_code == 400
    assert (await client.get("/api/users/user_nobody/picture")).status_code == 404
