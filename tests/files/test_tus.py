"""Who may begin and continue an upload, and what is no request of the protocol."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pytest_django import Settings

from files import models, resumable
from foundation.errors import NotFound
from groups.services import leave_group
from tests.cast import Person

from .conftest import Browser
from .tus_requests import PART, VERSION, append, begin, begun, file_id, in_base64, offset_of


async def test_an_upload_is_its_uploaders_alone(
    alice: Person, bob: Person, charlie: Person, group_id: str, browser: Browser
) -> None:
    hers = await browser(alice)
    url, done = await begun(hers, group_id, 10), await begun(hers, group_id, 1)
    await append(hers, done, 0, b"x")
    for person in (bob, charlie):
        client = await browser(person)
        missing = "/api/uploads/file_that_never_was"
        for each in (url, done):
            for method in ("HEAD", "DELETE"):
                real, absent = [await client.request(method, path, headers=VERSION) for path in (each, missing)]
                assert (real.status_code, real.content) == (404, absent.content)
            real, absent = [await append(client, path, 0, b"x" * 10) for path in (each, missing)]
            assert (real.status_code, real.content) == (404, absent.content)
    assert (await begin(await browser(charlie), group_id, 10)).status_code == 404
    assert await offset_of(hers, url) == 0


async def test_who_leaves_cannot_go_on(bob: Person, group_id: str, browser: Browser) -> None:
    client = await browser(bob)
    url = await begun(client, group_id, 10)
    await append(client, url, 0, b"abc")

    async def slowly() -> AsyncIterator[bytes]:
        yield b"abc"
        await leave_group(actor=bob.actor, group_id=group_id)
        yield b"defg"

    with pytest.raises(NotFound):
        await resumable.append_part(actor=bob.actor, upload_id=file_id(url), offset=3, pieces=slowly())
    assert (await append(client, url, 10, b"")).status_code == 404
    assert (await client.head(url, headers=VERSION)).status_code == 404
    assert await models.find_file(file_id(url)) is None


async def test_without_a_session_nothing_is_taken(alice: Person, group_id: str, browser: Browser) -> None:
    url = await begun(await browser(alice), group_id, 10)
    client = await browser(None)
    assert (await begin(client, group_id, 10)).status_code == 401
    assert (await append(client, url, 0, b"abc")).status_code == 401
    assert (await client.head(url, headers=VERSION)).status_code == 401
    # A cookie alone is what any site's page sends.
    client.cookies = httpx.Cookies({"__session": alice.token})
    assert (await begin(client, group_id, 10)).status_code == 403
    assert (await append(client, url, 0, b"abc")).status_code == 403
    assert await offset_of(await browser(alice), url) == 0


# --- the protocol ----------------------------------------------------------------------------------------------------
async def test_options_say_what_is_there(browser: Browser, settings: Settings) -> None:
    response = await (await browser(None)).options("/api/uploads")
    assert response.status_code == 204
    assert response.headers["tus-version"] == "1.0.0"
    assert response.headers["tus-extension"] == "creation,expiration,checksum,termination"
    assert response.headers["tus-max-size"] == str(settings.MAX_FILE_BYTES)
    assert response.headers["tus-checksum-algorithm"] == "sha1,sha256,md5"


async def test_another_version_is_refused(alice: Person, group_id: str, browser: Browser) -> None:
    client = await browser(alice)
    url = await begun(client, group_id, 10)
    for headers in ({}, {"Tus-Resumable": "0.2.2"}):
        for method, path in (("POST", "/api/uploads"), ("HEAD", url), ("PATCH", url), ("DELETE", url)):
            response = await client.request(method, path, headers=headers)
            assert (response.status_code, response.headers["tus-version"]) == (412, "1.0.0")


BAD_BEGINNINGS: dict[str, dict[str, str]] = {
    "no length": {"Upload-Metadata": "groupId Zw=="},
    "a negative length": {"Upload-Length": "-1", "Upload-Metadata": "groupId Zw=="},
    "a length in other digits": {"Upload-Length": "1_0", "Upload-Metadata": "groupId Zw=="},
    "a length without end": {"Upload-Length": "9" * 400, "Upload-Metadata": "groupId Zw=="},
    "a length to come": {"Upload-Defer-Length": "1", "Upload-Metadata": "groupId Zw=="},
    "no metadata": {"Upload-Length": "10"},
    "no group": {"Upload-Length": "10", "Upload-Metadata": "filename Zw=="},
    "no base64": {"Upload-Length": "10", "Upload-Metadata": "groupId g!"},
    "a group twice": {"Upload-Length": "10", "Upload-Metadata": "groupId Zw==,groupId Zw=="},
    "a name without end": {"Upload-Length": "10", "Upload-Metadata": f"groupId Zw==,filename {in_base64('x' * 3000)}"},
    "no text": {"Upload-Length": "10", "Upload-Metadata": f"groupId {in_base64(bytes(range(200, 256)) * 4)}"},
}


@pytest.mark.parametrize("name", BAD_BEGINNINGS)
async def test_a_bad_beginning_is_refused(alice: Person, browser: Browser, name: str) -> None:
    response = await (await browser(alice)).post("/api/uploads", headers={**VERSION, **BAD_BEGINNINGS[name]})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")
    assert response.headers["tus-resumable"] == "1.0.0"


async def test_a_bad_part_is_refused(alice: Person, group_id: str, browser: Browser) -> None:
    client = await browser(alice)
    url = await begun(client, group_id, 10)
    for headers, status in (
        ({**VERSION, "Upload-Offset": "0"}, 415),
        ({**VERSION, "Upload-Offset": "0", "Content-Type": "application/json"}, 415),
        (PART, 400),
        ({**PART, "Upload-Offset": "-1"}, 400),
        ({**PART, "Upload-Offset": "0", "Upload-Checksum": "crc32 AAAA"}, 400),
        ({**PART, "Upload-Offset": "0", "Upload-Checksum": "sha1 !"}, 400),
    ):
        assert (await client.patch(url, content=b"x", headers=headers)).status_code == status
    assert await offset_of(client, url) == 0
