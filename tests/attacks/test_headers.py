"""Every answer that a browser may show runs nothing, is not stored, and is of no use to other sites' pages."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.cast import Person
from tests.entry_points import http_client
from tests.files.conftest import store
from tests.serving import Server, serving

LOCKED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Paths of answers of every kind: JSON, HTML, errors of Django, of DRF and before both, polling, static files.
PATHS = [
    "/",
    "/sign-in",
    "/nowhere",
    "/api/",
    "/api/groups",
    "/api/nowhere",
    "/api/health",
    "/api/health/live",
    "/api/health/ready",
    "/status",
    "/api/webhooks/clerk",
    "/api/schema",
    "/api/docs",
    "/api/events",
    "/api/asyncapi.json",
    "/api/files/none",
    "/socket.io/?EIO=4&transport=polling",
    "/socket.io/?EIO=3",
    "/static/web/icon.svg",
    "/static/nowhere.js",
]


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    # As behind a proxy that speaks https.
    public = "https://chat.localhost"
    async with serving({"PUBLIC_URL": public, "ALLOWED_ORIGINS": public, "ALLOWED_HOSTS": "127.0.0.1"}) as server:
        yield server


async def _answers(server: Server, person: Person | None, path: str) -> list[httpx.Response]:
    async with http_client(server.url, person) as client:
        return [
            await client.get(path, headers={"Accept": "application/json"}),
            await client.get(path, headers={"Accept": "text/html"}),
            await client.post(path, json={}),
        ]


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_has_the_headers(server: Server, alice: Person, path: str, *, signed_in: bool) -> None:
    for response in await _answers(server, alice if signed_in else None, path):
        headers = response.headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert policy == LOCKED or "script-src 'nonce-" in policy
        assert ("text/html" in headers.get("content-type", "")) is (policy != LOCKED)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["referrer-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert headers["strict-transport-security"] == "max-age=31536000"
        assert len(headers.get_list("content-security-policy")) == 1
        if response.status_code == 200 and path.startswith("/static"):
            assert "public" in headers["cache-control"]
        else:
            assert headers["cache-control"] == "no-store"
            assert {"authorization", "cookie"} <= {name.strip().lower() for name in headers["vary"].split(",")}
            assert len(headers.get_list("vary")) == 1


async def test_a_refused_body_has_them_too(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        response = await client.post("/api/upload", content=b"x")
    assert response.status_code == 401
    assert response.headers["content-security-policy"] == LOCKED
    assert response.headers["cache-control"] == "no-store"


async def test_a_file_is_asked_for_each_time_and_sent_once(server: Server, alice: Person, group_id: str) -> None:
    file = await store(alice, group_id, b"hello")
    async with http_client(server.url, alice) as client:
        response = await client.get(file.url)
        again = await client.get(file.url, headers={"If-None-Match": response.headers["etag"], "Accept": "image/*"})
    for answer in (response, again):
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["etag"] == f'"{file.sha256}"'
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        # A changed cookie or another way to ask must not have the bytes sent again.
        assert not {"cookie", "accept"} & {name.strip().lower() for name in answer.headers.get("vary", "").split(",")}
    assert again.status_code == 304
