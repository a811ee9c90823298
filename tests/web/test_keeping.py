"""Without a script: the forms and pages of pins, saved messages, quotes and forwarding."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.page_form import forms_in

from .serving import Server


class Visitor:
    """Somebody with a browser that runs no script."""

    def __init__(self, client: httpx.Client, name: str) -> None:
        self.client = client
        self.client.get("/sign-in")
        self.submits("/sign-in", name=name)

    def submits(self, path: str, **fields: str) -> httpx.Response:
        token = self.client.cookies["csrftoken"]
        response = self.client.post(path, data={**fields, "csrfmiddlewaretoken": token}, follow_redirects=True)
        assert response.status_code == 200, response.text
        return response

    def sees(self, path: str) -> str:
        response = self.client.get(path)
        assert response.status_code == 200
        return response.text


@pytest.fixture
def visitor(server: Server) -> Iterator[Visitor]:
    with httpx.Client(base_url=server.url) as client:
        yield Visitor(client, "Kim")


@pytest.fixture
def group(visitor: Visitor) -> str:
    """The path of a group with a message."""
    path = visitor.submits("/groups", name="Harbour").url.path.removesuffix("/members")
    visitor.submits(f"{path}/messages", content="the *plan*")
    return path


def message_path(visitor: Visitor, group: str) -> str:
    found = re.search(r'data-message-id="([^"]+)"', visitor.sees(group))
    assert found
    return f"{group}/messages/{found[1]}"


def test_a_message_is_pinned_listed_and_unpinned(visitor: Visitor, group: str) -> None:
    path = message_path(visitor, group)
    assert "Nothing is pinned here" in visitor.sees(f"{group}/pins")
    page = visitor.submits(f"{path}/pin", action="add").text
    assert re.search(r'<p class="pinned" data-field="pinned">.*Kim', page)
    # Where a name that changes is shown.
    assert re.search(r'<li class="message[^>]* data-pinned-by="user_', page)
    assert f"{path}/pin" in visitor.sees(f"{group}/pins")
    visitor.submits(f"{path}/pin", action="remove")
    assert "Nothing is pinned here" in visitor.sees(f"{group}/pins")


def test_a_message_is_saved_and_removed_from_the_list(visitor: Visitor, group: str) -> None:
    path = message_path(visitor, group)
    assert visitor.submits(f"{path}/saved", action="add").url.path == group
    page = visitor.sees("/saved")
    assert "the <em>plan</em>" in page
    assert "in Harbour" in page
    after = visitor.submits(f"{path}/saved", action="remove", list="")
    assert after.url.path == "/saved"
    assert "the <em>plan</em>" not in after.text


def test_a_quote_is_in_the_box_to_write_in(visitor: Visitor, group: str) -> None:
    page = visitor.sees(f"{message_path(visitor, group)}/quote")
    (composer,) = [form for form in forms_in(page) if form.action == f"{group}/messages"]
    assert re.match(r"\[Kim\]\(/groups/.*\):\n> the \*plan\*\n\n$", composer.value("content").replace("\r", ""))


def test_a_message_is_forwarded_once_however_often_the_form_is_sent(visitor: Visitor, group: str) -> None:
    other = visitor.submits("/groups", name="Elsewhere").url.path.removesuffix("/members")
    forward = f"{message_path(visitor, group)}/forward"
    (form,) = [form for form in forms_in(visitor.sees(forward)) if form.action == forward]
    fields = {"groupId": other.rpartition("/")[2], "content": "look", "clientId": form.value("clientId")}
    for _ in range(2):
        page = visitor.submits(forward, **fields)
        assert page.url.path == other
        assert page.text.count("<blockquote>") == 1
    fields |= {"groupId": "group_x", "csrfmiddlewaretoken": form.value("csrfmiddlewaretoken")}
    failed = visitor.client.post(forward, data=fields)
    assert failed.status_code == 404
    assert "look" in failed.text


def test_a_permanent_link_is_looked_at_by_a_page_that_marks_the_message(visitor: Visitor, group: str) -> None:
    path = message_path(visitor, group)
    seq = path.rpartition(".")[2]
    assert 'class="message own found"' in visitor.sees(f"{group}/messages/{seq}")
    assert 'class="message own found"' not in visitor.sees(group)
    for wrong in ("1", "999", "0", "9" * 40):
        assert visitor.client.get(f"{group}/messages/{wrong}").status_code == 404
    visitor.client.cookies.clear()
    response = visitor.client.get(f"{group}/messages/{seq}")
    assert response.headers["location"] == f"/sign-in?next={group.replace('/', '%2F')}%2Fmessages%2F{seq}"
