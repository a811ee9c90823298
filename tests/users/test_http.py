"""The HTTP API of users: authentication, and what it returns."""

import re
from typing import Any

import pytest
from django.conf import settings as conf
from django.test import AsyncClient
from pytest_django import Settings

from users import local_issuer, serializers, services
from users.actor import Actor

URLS = ["/api/users", "/api/users/me", "/api/users/user_1"]


@pytest.fixture
def client() -> AsyncClient:
    return AsyncClient(enforce_csrf_checks=True)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def error_of(response: Any) -> dict[str, Any]:
    error: dict[str, Any] = response.json()["error"]
    return error


@pytest.mark.parametrize("url", URLS)
async def test_without_a_token_every_url_is_401(client: AsyncClient, url: str) -> None:
    response = await client.get(url)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert error_of(response)["code"] == "unauthenticated"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer nonsense", "bearer a.b.c", "Basic YTpi", "nonsense"])
async def test_a_bad_authorization_header_is_401(client: AsyncClient, header: str) -> None:
    response = await client.get("/api/users/me", headers={"Authorization": header})
    assert response.status_code == 401
    assert error_of(response)["code"] == "unauthenticated"


async def test_an_expired_token_has_its_own_code(client: AsyncClient, alice: Actor) -> None:
    expired = local_issuer.issue_token(alice.user_id, alice.name, -60)
    response = await client.get("/api/users/me", headers=bearer(expired))
    assert (response.status_code, error_of(response)["code"]) == (401, "token_expired")


async def test_with_a_token_a_user_reads_themselves_and_others(client: AsyncClient, alice: Actor, token: str) -> None:
    me = await client.get("/api/users/me", headers=bearer(token))
    assert me.status_code == 200
    assert (me.json()["id"], me.json()["name"]) == (alice.user_id, alice.name)
    assert serializers.UserSerializer(data=me.json()).is_valid()
    assert set(me.json()) <= set(serializers.UserSerializer().fields)
    assert (await client.get(f"/api/users/{alice.user_id}", headers=bearer(token))).json() == me.json()
    response = await client.get("/api/users", {"search": alice.name.lower()}, headers=bearer(token))
    assert response.json() == {"users": [me.json()]}
    missing = await client.get("/api/users/user_nobody", headers=bearer(token))
    assert (missing.status_code, error_of(missing)["code"]) == (404, "not_found")


async def test_the_next_page_begins_after_the_cursor(client: AsyncClient, alice: Actor, token: str) -> None:
    await services.sign_in_locally(name=f"{alice.name} too")
    query: dict[str, Any] = {"search": alice.name, "limit": 1}
    first = (await client.get("/api/users", query, headers=bearer(token))).json()
    cursor = {"cursor": first["nextCursor"]}
    second = (await client.get("/api/users", query | cursor, headers=bearer(token))).json()
    assert [user["name"] for page in (first, second) for user in page["users"]] == [alice.name, f"{alice.name} too"]
    assert "nextCursor" not in second


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"search": "x" * 65}, {"cursor": "x"}])
async def test_a_bad_query_parameter_is_named(client: AsyncClient, token: str, query: dict[str, Any]) -> None:
    response = await client.get("/api/users", query, headers=bearer(token))
    assert response.status_code == 400
    assert list(error_of(response)["fields"]) == list(query)


async def test_the_cookie_alone_may_read(client: AsyncClient, token: str) -> None:
    client.cookies[conf.SESSION_COOKIE] = token
    assert (await client.get("/api/users/me")).status_code == 200


async def test_a_bad_cookie_is_401(client: AsyncClient) -> None:
    client.cookies[conf.SESSION_COOKIE] = "nonsense"
    assert (await client.get("/api/users/me")).status_code == 401


async def rename(client: AsyncClient, data: Any, **headers: str) -> Any:
    return await client.patch("/api/users/me", data, content_type="application/json", headers=headers)


async def test_the_cookie_alone_may_not_write(client: AsyncClient, alice: Actor, token: str) -> None:
    client.cookies[conf.SESSION_COOKIE] = token
    response = await rename(client, {"name": "Mallory"})
    assert (response.status_code, error_of(response)["code"]) == (403, "forbidden")
    assert (await client.get("/api/users/me")).json()["name"] == alice.name


async def test_the_cookie_with_the_csrf_token_may_write(client: AsyncClient, token: str) -> None:
    csrf = "a" * 32
    client.cookies[conf.SESSION_COOKIE] = token
    client.cookies[conf.CSRF_COOKIE_NAME] = csrf
    assert (await rename(client, {"name": "Alice"}, **{"X-CSRFToken": "b" * 32})).status_code == 403
    response = await rename(client, {"name": "Alice New"}, **{"X-CSRFToken": csrf})
    assert (response.status_code, response.json()["name"]) == (200, "Alice New")


async def test_a_bearer_token_needs_no_csrf_token(client: AsyncClient, token: str) -> None:
    assert (await rename(client, {"name": "Alice New"}, **bearer(token))).status_code == 200


@pytest.mark.parametrize(
    "data", [{}, {"name": ""}, {"name": "a\nb"}, {"name": 7}, {"name": "x" * 65}, {"name": "\ud800"}]
)
async def test_a_bad_name_is_an_error_of_its_field(client: AsyncClient, token: str, data: dict[str, Any]) -> None:
    response = await rename(client, data, **bearer(token))
    assert response.status_code == 400
    assert list(error_of(response)["fields"]) == ["name"]


async def test_the_jwks_needs_no_authentication(client: AsyncClient, settings: Settings) -> None:
    client.cookies[conf.SESSION_COOKIE] = "nonsense"
    response = await client.get("/.well-known/jwks.json")
    assert (response.status_code, response.json()) == (200, local_issuer.jwks())
    settings.LOCAL_ISSUER = False
    assert (await client.get("/.well-known/jwks.json")).status_code == 404


@pytest.mark.parametrize("url", URLS)
async def test_a_browser_gets_the_browsable_api(client: AsyncClient, token: str, name: str, url: str) -> None:
    response = await client.get(url, headers={"Accept": "text/html", **bearer(token)})
    assert response.status_code in (200, 404)
    assert response["Content-Type"].startswith("text/html")
    assert name in response.content.decode()


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer nonsense"}])
async def test_a_browser_gets_errors_as_pages(client: AsyncClient, header: dict[str, str]) -> None:
    response = await client.get("/api/users/me", headers={"Accept": "text/html", **header})
    assert response.status_code == 401
    assert re.search("unauthenticated", response.content.decode())


def test_the_schema_describes_urls_and_authentication() -> None:
    from drf_spectacular.generators import SchemaGenerator  # Importing it reads the settings.

    schema = SchemaGenerator(urlconf="users.urls").get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    assert set(schema["components"]["securitySchemes"]) == {"sessionToken", "sessionCookie"}
    assert set(schema["paths"]["/api/users/me"]) == {"get", "patch"}
    parameters = schema["paths"]["/api/users"]["get"]["parameters"]
    names = [parameter["name"] for parameter in parameters if parameter["in"] == "query"]
    assert names == ["cursor", "limit", "search"]
