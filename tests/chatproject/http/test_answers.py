"""Answers as RFC 9110 has them: addresses of what was created, links of lists, compression, and what pages may read."""

import gzip
import json

import httpx
import pytest

from groups import services as groups
from messaging import services as messages

from .conftest import ORIGIN, Scene


def code(response: httpx.Response) -> str:
    return str(response.json()["error"]["code"])


async def test_what_was_created_has_an_address(scene: Scene) -> None:
    sent = await scene.http.post("/api/messages", json={"groupId": scene.group_id, "content": "x", "clientId": "one"})
    group = await scene.http.post("/api/groups", json={"name": "Quay"})
    upload = await scene.http.post("/api/upload", data={"groupId": scene.group_id}, files={"file": ("a.txt", b"a")})
    for response in (sent, group, upload):
        assert response.status_code == 201
        assert (await scene.http.get(response.headers["Location"])).status_code == 200
    again = await scene.http.post("/api/messages", json={"groupId": scene.group_id, "content": "x", "clientId": "one"})
    assert (again.status_code, again.headers["Location"]) == (200, sent.headers["Location"])


async def test_lists_link_to_their_next_pages(scene: Scene) -> None:
    for n in range(4):
        await messages.send_message(actor=scene.alice.actor, group_id=scene.group_id, content=f"{n}")
        await groups.create_group(actor=scene.alice.actor, name=f"Quay {n}")
    for path, name in (
        (f"/api/messages?groupId={scene.group_id}&limit=2", "messages"),
        (f"/api/messages/changes?groupId={scene.group_id}&since=0&limit=2", "changes"),
        ("/api/groups?limit=2", "groups"),
        (f"/api/groups/{scene.group_id}/members?limit=1", "members"),
        ("/api/users?limit=2&search=", "users"),
    ):
        pages = []
        response = await scene.http.get(path)
        while next_page := response.links.get("next"):
            pages.append(response.json()[name])
            assert len(pages) < 50
            if len(pages) == 3:
                break
            response = await scene.http.get(next_page["url"])
        assert pages, path
        flat = [json.dumps(item) for page in pages for item in page]
        assert len(flat) == len(set(flat)), path
    last = await scene.http.get(f"/api/messages?groupId={scene.group_id}")
    assert "Link" not in last.headers


@pytest.mark.parametrize(
    "query",
    [
        "groupId=$group&befor=3",
        "groupId=$group&limit=1_0",
        "groupId=$group&limit=1&limit=2",
        "groupId=$group&limit=%2B5",
    ],
)
async def test_query_parameters_are_those_that_there_are(scene: Scene, query: str) -> None:
    response = await scene.http.get(f"/api/messages?{query.replace('$group', scene.group_id)}")
    assert (response.status_code, code(response)) == (400, "invalid")
    assert set(response.json()["error"]["fields"]) <= {"befor", "limit"}


@pytest.mark.parametrize("path", ["/api/users/me", "/api/groups/$group", "/api/groups/$group/members", "$message"])
async def test_an_unknown_parameter_is_refused_everywhere(scene: Scene, path: str) -> None:
    path = path.replace("$message", scene.message_url).replace("$group", scene.group_id)
    response = await scene.http.get(path, params={"groupId": scene.group_id})
    assert (response.status_code, response.json()["error"]["fields"]) == (
        400,
        {"groupId": ["There is no such parameter."]},
    )


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
async def test_json_and_pages_are_compressed(scene: Scene, accept: str) -> None:
    headers = {"Accept": accept, "Accept-Encoding": "gzip"}
    sizes = set()
    async with scene.http.stream("GET", scene.message_url, headers=headers) as response:
        raw = b"".join([piece async for piece in response.aiter_raw()])
    assert response.headers["Content-Encoding"] == "gzip"
    assert "accept-encoding" in response.headers["Vary"].lower()
    assert b"ahoy" in gzip.decompress(raw)
    # Against guesses by the length: that of the same answer varies.
    for _ in range(20):
        sizes.add((await scene.http.get(scene.message_url, headers=headers)).headers["Content-Length"])
    assert len(sizes) > 1


async def test_a_page_of_another_origin_reads_and_sends_the_headers(scene: Scene) -> None:
    answer = await scene.http.get("/api/groups", headers={"Origin": ORIGIN})
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert exposed >= {
        "ETag",
        "Location",
        "Link",
        "Retry-After",
        "RateLimit-Limit",
        "Content-Range",
        "Content-Disposition",
    }
    wanted = "authorization, content-type, idempotency-key, if-match, if-none-match, if-unmodified-since, range"
    preflight = await scene.http.options(
        "/api/groups",
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": wanted,
        },
    )
    allowed = {name.strip() for name in preflight.headers["Access-Control-Allow-Headers"].split(",")}
    assert allowed >= set(wanted.split(", "))
