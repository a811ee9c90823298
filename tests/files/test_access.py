"""Which callers may use which endpoint: current members all of them, anyone else none."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from foundation.ids import new_id
from groups.left import HasLeft
from groups.services import add_members, leave_group, rejoin_group
from tests.cast import Person

from .conftest import Browser, count_files, share, store, upload

Endpoint = Callable[[httpx.AsyncClient, str, str], Awaitable[httpx.Response]]

ENDPOINTS: dict[str, Endpoint] = {
    "upload": lambda client, group_id, file_id: client.post("/api/upload", **upload(group_id=group_id)),
    "download": lambda client, group_id, file_id: client.get(f"/api/files/{file_id}"),
    "head": lambda client, group_id, file_id: client.head(f"/api/files/{file_id}"),
    "range": lambda client, group_id, file_id: client.get(f"/api/files/{file_id}", headers={"Range": "bytes=0-1"}),
    "revalidation": lambda client, group_id, file_id: client.get(
        f"/api/files/{file_id}", headers={"If-None-Match": "*"}
    ),
    "metadata": lambda client, group_id, file_id: client.get(f"/api/files/metadata/{file_id}"),
    "list": lambda client, group_id, file_id: client.get("/api/files", params={"groupId": group_id}),
    "list from": lambda client, group_id, file_id: client.get(
        "/api/files", params={"groupId": group_id, "before": file_id}
    ),
}
every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS.keys())


@every_endpoint
async def test_a_member_may_use_it(
    bob: Person, alice: Person, group_id: str, browser: Browser, endpoint: Endpoint
) -> None:
    file_id = (await share(alice, group_id)).id
    assert (await endpoint(await browser(bob), group_id, file_id)).status_code in {200, 201, 206, 304}


@every_endpoint
async def test_an_outsider_gets_the_same_response_as_for_a_missing_file(
    charlie: Person, alice: Person, group_id: str, browser: Browser, endpoint: Endpoint
) -> None:
    file_id = (await share(alice, group_id)).id
    client = await browser(charlie)
    real = await endpoint(client, group_id, file_id)
    missing = await endpoint(client, "group_that_never_was", new_id("file"))
    assert (real.status_code, real.content) == (404, missing.content)
    assert real.headers.keys() == missing.headers.keys()
    assert await count_files(group_id) == 1


@every_endpoint
async def test_a_member_who_leaves_is_an_outsider_at_once(
    bob: Person, alice: Person, group_id: str, browser: Browser, endpoint: Endpoint
) -> None:
    file_id = (await share(bob, group_id)).id
    client = await browser(bob)
    assert (await endpoint(client, group_id, file_id)).status_code < 400
    await leave_group(actor=bob.actor, group_id=group_id)
    assert (await endpoint(client, group_id, file_id)).status_code == 404
    # Somebody there asks; who has left comes back by their own act.
    with pytest.raises(HasLeft):
        await add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    await rejoin_group(actor=bob.actor, group_id=group_id)
    assert (await endpoint(client, group_id, file_id)).status_code < 400


@every_endpoint
async def test_a_caller_without_a_session_gets_401(
    alice: Person, group_id: str, browser: Browser, endpoint: Endpoint
) -> None:
    file_id = (await share(alice, group_id)).id
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Cookie": "__session=nonsense"}):
        client = await browser(None)
        client.headers.update(headers)
        response = await endpoint(client, group_id, file_id)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"


async def test_a_list_cannot_begin_after_a_file_of_another_group(
    alice: Person, group_id: str, elsewhere: str, browser: Browser
) -> None:
    file = await store(alice, elsewhere)
    response = await ENDPOINTS["list from"](await browser(alice), group_id, file.id)
    assert response.status_code == 404


async def test_a_form_may_have_one_file_or_several(alice: Person, group_id: str, browser: Browser) -> None:
    client = await browser(alice)
    one = (await client.post("/api/upload", **upload(b"1", "one.txt", group_id=group_id))).json()
    assert one["file"] == one["files"][0]
    assert one["file"]["name"] == "one.txt"
    several = [("file", (f"{n}.txt", str(n).encode(), "text/plain")) for n in range(3)]
    response = await client.post("/api/upload", data={"groupId": group_id}, files=several)
    assert response.status_code == 201
    assert [file["name"] for file in response.json()["files"]] == ["0.txt", "1.txt", "2.txt"]
    assert "file" not in response.json()
    page = (await client.get("/api/files", params={"groupId": group_id, "limit": 3})).json()
    assert (len(page["files"]), page["hasMore"]) == (3, True)


async def test_an_empty_file_is_stored(alice: Person, group_id: str, browser: Browser) -> None:
    client = await browser(alice)
    made = (await client.post("/api/upload", **upload(b"", "empty", group_id=group_id))).json()["file"]
    response = await client.get(made["url"])
    assert (made["size"], response.status_code, response.content, response.headers["content-length"]) == (
        0,
        200,
        b"",
        "0",
    )


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"data": {}, "files": [("file", ("a", b"x"))]}, "groupId"),
        ({"data": {"groupId": ""}, "files": [("file", ("a", b"x"))]}, "groupId"),
        ({"data": {"groupId": "g" * 200}, "files": [("file", ("a", b"x"))]}, "groupId"),
        ({"data": {"groupId": "g"}, "files": [("other", ("a", b"x"))]}, "file"),
        ({"data": {"groupId": "g", "file": "text"}, "files": [("other", ("a", b"x"))]}, "file"),
        ({"data": {"groupId": "$group"}, "files": [("file", ("a", b"x"))] * 11}, "file"),
    ],
)
async def test_an_invalid_form_gets_an_error_that_names_the_field(
    alice: Person, group_id: str, browser: Browser, form: dict[str, Any], field: str
) -> None:
    client = await browser(alice)
    if form["data"].get("groupId") == "$group":
        form = {**form, "data": {"groupId": group_id}}
    response = await client.post("/api/upload", **form)
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, [field])


@pytest.mark.parametrize("query", [{}, {"groupId": "g", "limit": "0"}, {"groupId": "g", "limit": "101"}])
async def test_an_invalid_list_query_is_refused(alice: Person, browser: Browser, query: dict[str, str]) -> None:
    assert (await (await browser(alice)).get("/api/files", params=query)).status_code == 400


async def test_a_form_without_a_content_length_is_stored(alice: Person, group_id: str, browser: Browser) -> None:
    request = httpx.Request("POST", "http://x/", **upload(b"streamed", group_id=group_id))
    whole = request.read()

    async def body() -> object:
        for start in range(0, len(whole), 50):
            yield whole[start : start + 50]

    response = await (await browser(alice)).post(
        "/api/upload",
        content=body(),  # type: ignore[arg-type]
        headers={"Content-Type": request.headers["content-type"]},
    )
    assert (response.status_code, response.json()["file"]["size"]) == (201, 8)


@pytest.mark.parametrize("body", [b"", b"nonsense", b"--x\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n"])
async def test_a_broken_form_is_refused(alice: Person, browser: Browser, body: bytes) -> None:
    client = await browser(alice)
    response = await client.post(
        "/api/upload", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")


async def test_the_api_can_be_browsed(alice: Person, group_id: str, browser: Browser) -> None:
    client = await browser(alice)
    client.headers["Accept"] = "text/html"
    form = await client.get("/api/upload")
    assert 'type="file"' in form.text
    assert 'name="groupId"' in form.text
    assert (await client.post("/api/upload", **upload(group_id=group_id))).status_code == 201
    assert group_id in (await client.get("/api/files", params={"groupId": group_id})).text


@pytest.mark.parametrize("group_first", [True, False])
async def test_the_order_of_a_forms_fields_is_free(
    alice: Person, charlie: Person, group_id: str, browser: Browser, *, group_first: bool
) -> None:
    group = ("groupId", (None, group_id.encode()))
    files = [("file", (name, name.encode() * 200_000)) for name in ("a", "b")]
    form = [group, *files] if group_first else [*files, group]
    response = await (await browser(alice)).post("/api/upload", files=form)
    assert [(file["name"], file["size"]) for file in response.json()["files"]] == [("a", 200_000), ("b", 200_000)]
    before = await count_files(group_id)
    assert (await (await browser(charlie)).post("/api/upload", files=form)).status_code == 404
    assert await count_files(group_id) == before
