"""Requests as RFC 9110 has them: bodies in chunks, addresses, methods, media types, and one host."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.entry_points import code_of

from .conftest import Scene


def code(response: httpx.Response) -> str:
    return str(response.json()["error"]["code"])


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    yield body[:5]
    yield body[5:]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/messages", {"groupId": "$group", "content": "in chunks"}, 201),
        ("POST", "/api/groups", {"name": "Quay"}, 201),
        ("PATCH", "/api/groups/$group", {"name": "Port"}, 200),
        ("PATCH", "/api/users/me", {"name": "$name"}, 200),
        ("POST", "/api/groups/$group/leave", {}, 403),
    ],
)
async def test_a_body_in_chunks_is_read(
    scene: Scene, method: str, path: str, body: dict[str, Any], status: int
) -> None:
    filled = json.dumps(body).replace("$group", scene.group_id).replace("$name", scene.alice.actor.name)
    response = await scene.http.request(
        method,
        path.replace("$group", scene.group_id),
        content=_chunks(filled.encode()),
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == status, response.text


async def test_a_form_of_a_page_may_come_in_chunks(scene: Scene) -> None:
    async with httpx.AsyncClient(base_url=scene.server.url, cookies={"__session": scene.alice.token}) as browser:
        await browser.get("/?list")
        token = browser.cookies["csrftoken"]
        fields = {"csrfmiddlewaretoken": token, "content": "said in chunks"}
        parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{v}\r\n' for name, v in fields.items()]
        response = await browser.post(
            f"/groups/{scene.group_id}/messages",
            content=_chunks("".join([*parts, "--b--\r\n"]).encode()),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
        assert response.status_code == 302
        page = await browser.get(f"/groups/{scene.group_id}")
    assert "said in chunks" in page.text


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/api", "/api/"),
        ("/api/groups/", "/api/groups"),
        ("/api/messages/?groupId=x", "/api/messages?groupId=x"),
        ("/sign-in/", "/sign-in"),
    ],
)
async def test_an_address_with_a_slash_too_many_leads_somewhere(scene: Scene, path: str, location: str) -> None:
    response = await scene.http.get(path)
    assert response.is_redirect
    assert response.headers["Location"] == location


@pytest.mark.parametrize("path", ["/api", "/api/groups/", "/sign-in/"])
async def test_a_redirect_neither_repeats_nor_drops_a_query_of_an_absurd_length(scene: Scene, path: str) -> None:
    assert len((await scene.http.get(f"{path}?{'x' * 2_000}")).headers["Location"]) > 2_000
    response = await scene.http.get(f"{path}?{'x' * 2_001}")
    assert (response.status_code, code_of(response)) == (400, "invalid")
    assert "Location" not in response.headers


async def test_a_redirect_stays_here_and_keeps_the_method(scene: Scene) -> None:
    response = await scene.http.post("/api/groups/", json={"name": "Quay"})
    assert response.status_code == 308
    for path in ("//evil.test/", "/%2Fevil.test/", "/api//evil.test/", "/\\evil.test/"):
        response = await scene.http.get(f"{scene.server.url}{path}")
        assert response.status_code == 404, path


@pytest.mark.parametrize(
    ("request_line", "headers", "expected"),
    [
        ("PUT /api/groups", {}, (405, "method_not_allowed")),
        ("GET /api/groups/direct", {}, (405, "method_not_allowed")),
        ("GET /api/groups", {"Accept": "image/png"}, (406, "not_acceptable")),
        ("POST /api/groups", {"Content-Type": "text/csv"}, (415, "unsupported_media_type")),
        ("GET /api/groups?format=xml", {}, (404, "not_found")),
    ],
)
async def test_each_refusal_has_its_code(
    scene: Scene, request_line: str, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    method, path = request_line.split()
    response = await scene.http.request(method, path, headers=headers, content=b"x" if method == "POST" else None)
    assert (response.status_code, code(response)) == expected
    if response.status_code == 405:
        assert response.headers["Allow"]


@pytest.mark.parametrize("hosts", [[], ["127.0.0.1", "127.0.0.1"]])
async def test_a_request_names_its_host_once(scene: Scene, hosts: list[str]) -> None:
    for path in ("/api/groups", "/", "/socket.io/?EIO=4&transport=polling"):
        reader, writer = await asyncio.open_connection("127.0.0.1", scene.server.port)
        lines = [f"GET {path} HTTP/1.1", *(f"Host: {host}" for host in hosts), "Connection: close", "", ""]
        writer.write("\r\n".join(lines).encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 400"), path
        writer.close()
