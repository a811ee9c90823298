"""What a script asks for of a page: the parts that it replaces, with what it reads around them."""

import re
from collections.abc import Iterator

import httpx
import pytest

from web.fragments import HEADER

from .serving import Server
from .signing_in import csrf, sign_in


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, follow_redirects=True) as client:
        sign_in(client, "Frances")
        yield client


@pytest.fixture
def group(client: httpx.Client) -> str:
    """Return the path of a group with a message."""
    made = client.post("/groups", data={"name": "Fragments", "clientId": "one", **csrf(client, "/?list")})
    path = made.url.path.removesuffix("/members")
    sent = client.post(
        f"{path}/messages", data={"content": "in the log", "clientId": "first", **csrf(client, "/?list")}
    )
    assert "in the log" in sent.text
    return path


def test_a_page_has_its_parts_between_the_marks(client: httpx.Client, group: str) -> None:
    whole = client.get(group).text
    part = client.get(group, headers={HEADER: "page"}).text
    between = [
        _without_tokens(re.findall(r"<!--parts-->(.*)<!--/parts-->", text, re.DOTALL)[0]) for text in (whole, part)
    ]
    assert between[0] == between[1]
    assert "in the log" in part
    assert "message-template" not in part
    assert len(part) < len(whole) / 2


def test_a_panel_comes_without_the_log(client: httpx.Client, group: str) -> None:
    answer = client.get(f"{group}/members", headers={HEADER: "panel"})
    assert "Frances" in answer.text
    assert "in the log" not in answer.text
    assert "data-panel-alone" in answer.text
    assert "data-place" not in answer.text


def test_an_address_within_the_log_comes_with_it(client: httpx.Client, group: str) -> None:
    answer = client.get(f"{group}/messages/2", headers={HEADER: "panel"})
    assert "in the log" in answer.text
    assert "data-panel-alone" not in answer.text


@pytest.mark.parametrize("value", ["", "pages", "PAGE", "page, panel", "x" * 2000, "\u00e9"])
def test_any_other_value_is_a_whole_page(client: httpx.Client, group: str, value: str) -> None:
    answer = client.get(group, headers=httpx.Headers({HEADER.encode(): value.encode()}))
    assert "message-template" in answer.text
    assert HEADER in answer.headers["vary"]


@pytest.mark.parametrize("value", ["page", "panel"])
def test_who_is_not_a_member_gets_nothing(server: Server, client: httpx.Client, group: str, value: str) -> None:
    with httpx.Client(base_url=server.url, follow_redirects=True) as other:
        sign_in(other, "Oscar")
        for path in (group, f"{group}/members"):
            answer = other.get(path, headers={HEADER: value})
            assert answer.status_code == 404
            assert "in the log" not in answer.text


def _without_tokens(text: str) -> str:
    """Without what is another in each answer."""
    return re.sub(r'(csrfmiddlewaretoken|clientId)" value="[^"]*"', "", text)
