"""The document as it is served: to programs, to people, and to anybody."""

import re
from pathlib import Path

import pytest
from django.test import AsyncClient
from django.urls import reverse
from pytest_django import Settings

from chatproject.asyncapi.page import in_words
from chatproject.templatetags.reference import prose

from .reading import Reading

pytestmark = pytest.mark.unit

JSON, PAGE = "/api/asyncapi.json", "/api/events"


@pytest.fixture
def client(settings: Settings, tmp_path: Path) -> AsyncClient:
    settings.STATIC_ROOT = tmp_path  # whitenoise warns where nobody has run collectstatic
    return AsyncClient()


async def text_of(client: AsyncClient, path: str) -> str:
    response = await client.get(path)
    assert response.status_code == 200
    return response.content.decode()


async def test_a_program_gets_the_document_whatever_it_accepts(client: AsyncClient, reading: Reading) -> None:
    for accepted in ("application/json", "text/html,*/*;q=0.8"):
        response = await client.get(JSON, headers={"Accept": accepted})
        assert (response.status_code, response["Content-Type"]) == (200, "application/json")
        assert response.json() == reading.document


@pytest.mark.parametrize("path", [JSON, PAGE])
async def test_nobody_needs_a_session_for_it_and_a_bad_one_does_no_harm(client: AsyncClient, path: str) -> None:
    client.cookies["__session"] = "rubbish"
    response = await client.get(path, headers={"Authorization": "Bearer rubbish"})
    assert response.status_code == 200
    assert (await client.post(path)).status_code == 405


async def test_the_page_has_every_event_and_every_field(client: AsyncClient, reading: Reading) -> None:
    page = await text_of(client, PAGE)
    for key, message in reading.messages("socketio").items():
        if not key.startswith("answer."):
            assert f'id="{key}"' in page
            assert message["name"] in page
    for shape in reading.document["components"]["schemas"].values():
        for field in shape.get("properties", {}):
            assert f"<code>{field}</code>" in page


async def test_every_link_within_the_page_leads_somewhere(client: AsyncClient) -> None:
    page = await text_of(client, PAGE)
    places = re.findall(r'\bid="([^"]+)"', page)
    assert len(places) == len(set(places))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(places)


async def test_the_page_runs_nothing_and_fetches_nothing_from_elsewhere(client: AsyncClient) -> None:
    response = await client.get(PAGE)
    assert "default-src 'none'" in response["Content-Security-Policy"]
    page = response.content.decode()
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", page)
    assert all(address.startswith(("/", "#")) for address in re.findall(r'(?:href|src)="([^"]+)"', page))


async def test_who_reads_of_the_api_finds_it(client: AsyncClient) -> None:
    index = (await client.get("/api/", headers={"Accept": "application/json"})).json()
    assert index["events"].endswith(PAGE)
    assert index["asyncapi"].endswith(JSON)
    assert f"({reverse('events')})" in await text_of(client, reverse("schema"))


@pytest.mark.parametrize(
    ("schema", "words"),
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
def test_a_type_is_said_in_words(schema: dict[str, object], words: str) -> None:
    assert "".join(word.text for word in in_words(schema)) == words


def test_a_sentence_is_escaped_and_its_code_is_set_as_code() -> None:
    assert prose("a <b> `<c>` d") == "a &lt;b&gt; <code>&lt;c&gt;</code> d"
