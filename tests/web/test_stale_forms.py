"""Without a script: forms of a page that is older than the last sign-in, line breaks, and names that are not clear."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.page_form import composer_in, forms_in

from .serving import Server

LONGEST = 10_000


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers={"Origin": server.url}, timeout=30) as client:
        yield client


@pytest.fixture
def name() -> str:
    return f"Kim {uuid4().hex[:8]}"


def _signs_in(client: httpx.Client, name: str) -> None:
    (form,) = [form for form in forms_in(client.get("/sign-in").text) if form.action == "/sign-in"]
    token = form.value("csrfmiddlewaretoken")
    assert client.post("/sign-in", data={"name": name, "csrfmiddlewaretoken": token}).status_code == 302


def _makes_group(client: httpx.Client) -> str:
    """Return the path of a new group."""
    fields = {"name": "Harbour", "csrfmiddlewaretoken": client.cookies["csrftoken"]}
    return str(client.post("/groups", data=fields).headers["location"]).removesuffix("/members")


def test_a_second_sign_in_breaks_no_form_of_the_same_person_and_all_of_another(client: httpx.Client, name: str) -> None:
    _signs_in(client, name)
    group = _makes_group(client)
    form = composer_in(client.get(group).text)
    _signs_in(client, name)
    sent = client.post(form.action, data={**form.fields, "content": "still mine"})
    assert sent.headers["location"] == group
    form = composer_in(client.get(group).text)
    _signs_in(client, f"{name} not")
    for origin, is_shown in ((None, True), ("https://elsewhere.example", False)):
        headers = {"Origin": origin} if origin else {}
        refused = client.post(form.action, data={**form.fields, "content": "what was typed"}, headers=headers)
        assert refused.status_code == 403
        assert ("what was typed" in refused.text) is is_shown
    _signs_in(client, name)
    page = client.get(group).text
    assert "still mine" in page
    assert "what was typed" not in page


def test_a_line_break_counts_once(client: httpx.Client, name: str) -> None:
    _signs_in(client, name)
    group = _makes_group(client)
    form = composer_in(client.get(group).text)
    lines = ("x" * 99 + "\r\n") * (LONGEST // 100 - 1) + "x" * 100
    assert client.post(form.action, data={**form.fields, "content": lines}).status_code == 302
    again = composer_in(client.get(group).text)
    refused = client.post(again.action, data={**again.fields, "content": lines + "x"})
    assert refused.status_code == 400
    (stored,) = client.get("/api/messages", params={"groupId": group.rpartition("/")[2]}).json()["messages"]
    assert stored["content"] == lines.replace("\r\n", "\n")


def test_a_name_that_is_not_clear_leaves_the_conversation_open(client: httpx.Client, name: str) -> None:
    _signs_in(client, name)
    group = _makes_group(client)
    (form,) = [form for form in forms_in(client.get(group).text) if form.action == "/direct" and "name" in form.fields]
    assert form.value("here") == group.rpartition("/")[2]
    shown = client.post("/direct", data={**form.fields, "name": f"nobody {name}"})
    assert shown.status_code == 404
    assert composer_in(shown.text).action == f"{group}/messages"
    assert f'value="nobody {name}"' in shown.text
    # A group that one is not in is not shown to anybody.
    foreign = client.post("/direct", data={**form.fields, "name": f"nobody {name}", "here": "group_nowhere"})
    assert foreign.status_code == 404
    assert "Harbour" not in foreign.text
