"""The document as it is served, as JSON and as a page, without signing in."""

import re

import pytest
from django.test import AsyncClient
from django.urls import reverse

from chatproject.schema_text import type_text
from chatproject.templatetags.reference import prose

from .validator import DocumentValidator

JSON, PAGE = "/api/asyncapi.json", "/api/events"


@pytest.fixture
def client() -> AsyncClient:
    return AsyncClient()


async def text_of(client: AsyncClient, path: str) -> str:
    response = await client.get(path)
    assert response.status_code == 200
    return response.content.decode()


async def test_the_document_is_json_whatever_the_client_accepts(
    client: AsyncClient, validator: DocumentValidator
) -> None:
    for accepted in ("application/json", "text/html,*/*;q=0.8"):
        response = await client.get(JSON, headers={"Accept": accepted})
        assert (response.status_code, response["Content-Type"]) == (200, "application/json")
        assert response.json() == validator.document


@pytest.mark.parametrize("path", [JSON, PAGE])
async def test_no_session_is_needed_and_an_invalid_one_is_ignored(client: AsyncClient, path: str) -> None:
    client.cookies["__session"] = "rubbish"
    response = await client.get(path, headers={"Authorization": "Bearer rubbish"})
    assert response.status_code == 200
    assert (await client.post(path)).status_code == 405


async def test_the_page_has_every_event_and_every_field(client: AsyncClient, validator: DocumentValidator) -> None:
    page = await text_of(client, PAGE)
    for key, message in validator.messages("socketio").items():
        if not key.startswith("reply."):
            assert f'id="{key}"' in page
            assert message["name"] in page
    for schema in validator.document["components"]["schemas"].values():
        for field in schema.get("properties", {}):
            assert f"<code>{field}</code>" in page


async def test_every_link_within_the_page_has_a_target(client: AsyncClient) -> None:
    page = await text_of(client, PAGE)
    targets = re.findall(r'\bid="([^"]+)"', page)
    assert len(targets) == len(set(targets))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(targets)


async def test_the_page_has_no_inline_script_and_loads_nothing_from_other_origins(client: AsyncClient) -> None:
    response = await client.get(PAGE)
    assert "default-src 'none'" in response["Content-Security-Policy"]
    page = response.content.decode()
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", page)
    assert all(address.startswith(("/", "#")) for address in re.findall(r'(?:href|src)="([^"]+)"', page))


async def test_the_api_links_to_it(client: AsyncClient) -> None:
    index = (await client.get("/api/", headers={"Accept": "application/json"})).json()
    assert index["events"].endswith(PAGE)
    assert index["asyncapi"].endswith(JSON)
    assert f"({reverse('events')})" in await text_of(client, reverse("schema"))


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string", "maxLength": 64}, "string, up to 64 characters"),
        ({"type": ["integer", "null"], "minimum": 0, "maximum": 2**53 - 1}, "integer or null"),
        ({"type": "integer", "minimum": 1, "maximum": 100}, "integer, 1 to 100"),
        ({"type": ["string", "null"], "enum": ["owner", None]}, '"owner" or null'),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Message"}}, "list of Message"),
        ({"allOf": [{"$ref": "#/components/schemas/Message"}], "description": "x"}, "Message"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "object of integer"),
        ({"type": "object", "additionalProperties": {}}, "object of anything"),
        ({"type": ["object", "null"], "additionalProperties": {"type": "string"}}, "object of string or null"),
    ],
)
def test_a_type_is_shown_as_text(schema: dict[str, object], text: str) -> None:
    assert "".join(piece.text for piece in type_text(schema)) == text


def test_prose_is_escaped_and_backticks_become_code() -> None:
    assert prose("a <b> `<c>` d") == "a &lt;b&gt; <code>&lt;c&gt;</code> d"
