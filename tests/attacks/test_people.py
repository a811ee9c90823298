"""Profiles that are hostile: bombs for pictures, texts that reorder a page, names made to make searches dear."""

import io
import time
from typing import Any
from uuid import uuid4

import pytest
from django.test import AsyncClient
from PIL import Image
from pytest_django import Settings

from dynamodb import store
from files.pictures.services import set_picture
from foundation.errors import Invalid, Unavailable
from tests.cast import Person
from tests.files.conftest import pieces
from tests.media import picture
from users import name_search, profiles, selectors, services
from users.folding import MAX_WORDS


async def test_a_bomb_is_no_picture(alice: Person) -> None:
    bomb = io.BytesIO()
    Image.new("1", (40_000, 40_000)).save(bomb, "PNG")
    start = time.monotonic()
    with pytest.raises(Invalid):
        await set_picture(actor=alice.actor, pieces=pieces(bomb.getvalue()), size=bomb.tell())
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
async def test_a_broken_picture_is_refused_or_shown_as_far_as_it_goes(alice: Person, image_format: str) -> None:
    whole = picture(600, 400, image_format)
    for content in (whole[:40], whole[:30] + bytes(len(whole)), whole[: len(whole) // 2]):
        try:
            await set_picture(actor=alice.actor, pieces=pieces(content), size=len(content), square=(0, 0, 9))
        except Invalid as error:
            assert list(error.fields or ()) == ["file"]  # noqa: PT017 - both are right
    assert (await set_picture(actor=alice.actor, pieces=pieces(whole), size=len(whole))).picture_id


async def test_a_process_that_takes_too_long_is_an_error_of_the_picture(alice: Person, settings: Settings) -> None:
    settings.IMAGE_TIMEOUT = 0.001
    with pytest.raises((Invalid, Unavailable)):
        await set_picture(actor=alice.actor, pieces=pieces(picture()), size=len(picture()))


async def test_a_name_of_many_words_is_one_person_in_a_search_and_few_rows(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = uuid4().hex[:8]
    crowd = [(await profiles.create_if_absent(f"user_{uuid4().hex}", name=" ".join([word] * 7))).id for _ in range(12)]
    many = await profiles.create_if_absent(f"user_{uuid4().hex}", name=" ".join("a" * 32))
    reads = 0
    call = store.call

    async def counting(*args: Any, **more: Any) -> Any:
        nonlocal reads
        reads += 1
        return await call(*args, **more)

    monkeypatch.setattr(store, "call", counting)
    page = await selectors.find_among_all(query=word, limit=20)
    assert sorted(user.id for user in page.users) == sorted(crowd)
    # Each of four partitions a few times: it has at most so many rows for a person.
    assert reads <= 4 * MAX_WORDS
    first = await name_search.search("a", limit=1)
    assert len(first.users) == 1
    assert many.id


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}",
    "'; drop table users; --",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_no_page_runs_what_a_profile_says(alice: Person, bob: Person, text: str) -> None:
    await services.update_profile(actor=alice.actor, title=text, name=f"{text} {uuid4().hex[:5]}"[:64])
    await services.set_status(actor=alice.actor, text=text, emoji=text.split(maxsplit=1)[0][:32])
    browser = AsyncClient()
    browser.cookies["__session"] = bob.token
    for path in (f"/people/{alice.id}", f"/people?search={alice.actor.name}"):
        page = (await browser.get(path)).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    browser.cookies["__session"] = alice.token
    page = (await browser.get("/profile")).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
