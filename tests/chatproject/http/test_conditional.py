"""Conditional requests: what has not changed is not sent again, and only what was read is changed."""

import httpx
import pytest

from messaging import services as messages

from .conftest import Scene


def code(response: httpx.Response) -> str:
    return str(response.json()["error"]["code"])


CONDITIONAL = ["/api/groups", "/api/groups/$group", "/api/users/me", "$message", "/api/messages?groupId=$group"]


@pytest.mark.parametrize("path", CONDITIONAL)
async def test_what_has_not_changed_is_not_sent_again(scene: Scene, path: str) -> None:
    path = path.replace("$message", scene.message_url).replace("$group", scene.group_id)
    first = await scene.http.get(path)
    again = await scene.http.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    head = await scene.http.head(path)
    assert (head.headers["ETag"], head.content) == (first.headers["ETag"], b"")
    other = await scene.http.get(path, headers={"If-None-Match": '"other"'})
    assert other.json() == first.json()


@pytest.mark.parametrize("compressed", [False, True])
async def test_a_change_is_made_only_to_what_was_read(scene: Scene, *, compressed: bool) -> None:
    scene.http.headers["Accept-Encoding"] = "gzip" if compressed else "identity"
    read = await scene.http.get(scene.message_url)
    assert read.headers.get("Content-Encoding") == ("gzip" if compressed else None)
    etag = read.headers["ETag"]
    assert not etag.startswith("W/")
    seen = {"If-Match": etag}
    first = await scene.http.patch(scene.message_url, json={"content": "one " * 99}, headers=seen)
    assert first.status_code == 200
    for method, more in (("PATCH", {"json": {"content": "two"}}), ("DELETE", {})):
        refused = await scene.http.request(method, scene.message_url, headers=seen, **more)  # type: ignore[arg-type]
        assert (refused.status_code, code(refused)) == (412, "precondition_failed")
    assert (await scene.http.get(scene.message_url)).json()["content"] == "one " * 99
    assert (await scene.http.delete(scene.message_url, headers={"If-Match": "*"})).status_code == 200


async def test_an_etag_of_what_was_compressed_is_known_again(scene: Scene) -> None:
    scene.http.headers["Accept-Encoding"] = "gzip"
    first = await scene.http.get(scene.message_url)
    again = await scene.http.get(scene.message_url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.headers["ETag"]) == (304, first.headers["ETag"])


async def test_a_message_says_when_it_was_changed_as_long_as_that_is_known(scene: Scene) -> None:
    read = await scene.http.get(scene.message_url)
    since = {"If-Modified-Since": read.headers["Last-Modified"]}
    assert (await scene.http.get(scene.message_url, headers=since)).status_code == 304
    ago = {"If-Unmodified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}
    refused = await scene.http.patch(scene.message_url, json={"content": "x"}, headers=ago)
    assert (refused.status_code, code(refused)) == (412, "precondition_failed")
    still = {"If-Unmodified-Since": read.headers["Last-Modified"]}
    assert (await scene.http.patch(scene.message_url, json={"content": "y"}, headers=still)).status_code == 200
    # A reaction has no time of its own: nobody may take the answer of before for this one.
    await messages.react(actor=scene.bob.actor, message_id=scene.message["id"], emoji="👍", action="add")
    reacted = await scene.http.get(scene.message_url, headers=since)
    assert reacted.status_code == 200
    assert "Last-Modified" not in reacted.headers


async def test_a_group_is_renamed_only_as_it_was_read(scene: Scene) -> None:
    url = f"/api/groups/{scene.group_id}"
    etag = (await scene.http.get(url)).headers["ETag"]
    assert (await scene.http.patch(url, json={"name": "Port"}, headers={"If-Match": etag})).status_code == 200
    refused = await scene.http.patch(url, json={"name": "Quay"}, headers={"If-Match": etag})
    assert refused.status_code == 412
    me = (await scene.http.get("/api/users/me")).headers["ETag"]
    assert (
        await scene.http.patch("/api/users/me", json={"name": "x"}, headers={"If-Match": '"no"'})
    ).status_code == 412
    assert (await scene.http.get("/api/users/me")).headers["ETag"] == me
