"""The API as pages, for a person who is signed in: links, forms with examples, log in and log out on each of them."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape

import httpx
import pytest

from chatproject.browsable.links import address_of, linked_json
from groups import services as groups
from messaging import services as messages
from tests.cast import Person, person
from tests.files.conftest import store
from tests.serving import Server, serving

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@dataclass
class Scene:
    server: Server
    alice: Person
    bob: Person
    group_id: str
    message_id: str
    file_id: str
    browser: httpx.AsyncClient

    def fill(self, path: str) -> str:
        names = {"$group": self.group_id, "$message": self.message_id, "$file": self.file_id, "$bob": self.bob.id}
        for name, value in names.items():
            path = path.replace(name, value)
        return path


@pytest.fixture(scope="module")
async def scene() -> AsyncIterator[Scene]:
    alice, bob = await person("Alice"), await person("Bob")
    group = await groups.create_group(actor=alice.actor, name="Harbour <b>", member_ids=[bob.id])
    sent = await messages.send_message(actor=alice.actor, group_id=group.id, content="<script>x</script>")
    file = await store(alice, group.id)
    async with (
        serving({}) as server,
        httpx.AsyncClient(base_url=server.url, headers=HTML, cookies={"__session": alice.token}, timeout=60) as browser,
    ):
        # In the directory: alice finds it, and is not in it.
        await groups.create_group(actor=bob.actor, name="Open sea", visibility="public")
        yield Scene(server, alice, bob, group.id, sent["message"]["id"], file.id, browser)


PAGES = [
    "/api/",
    "/api/groups",
    "/api/groups/direct",
    "/api/groups/directory",
    "/api/groups/$group",
    "/api/groups/$group/members",
    "/api/groups/$group/members/$bob",
    "/api/groups/$group/leave",
    "/api/groups/$group/rejoin",
    "/api/groups/$group/join",
    "/api/messages",
    "/api/messages?groupId=$group",
    "/api/messages/read",
    "/api/messages/changes?groupId=$group&since=0",
    "/api/messages/$message",
    "/api/messages/$message/thread",
    "/api/messages/$message/reactions",
    "/api/files?groupId=$group",
    "/api/files/metadata/$file",
    "/api/upload",
    "/api/users",
    "/api/users/me",
    "/api/users/$bob",
    "/api/health",
    "/api/docs",
    "/api/events",
]


@pytest.mark.parametrize("path", PAGES)
async def test_every_address_greets_a_browser_with_a_page(scene: Scene, path: str) -> None:
    response = await scene.browser.get(scene.fill(path))
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert "Log out" in response.text
    assert "<script>x" not in response.text
    assert "Harbour <b>" not in response.text
    for address in re.findall(r'href="(/api/[^"]*)"', response.text):
        assert (await scene.browser.get(unescape(address))).status_code == 200, address


@pytest.mark.parametrize("path", [path for path in PAGES if path not in ("/api/docs", "/api/events")])
async def test_every_address_says_what_it_takes(scene: Scene, path: str) -> None:
    headers = {"Authorization": f"Bearer {scene.alice.token}", "Accept": "application/json"}
    response = await scene.browser.options(scene.fill(path.partition("?")[0]), headers=headers)
    assert response.status_code == 200
    assert response.json()["name"]
    if path == "/api/groups":
        assert response.json()["actions"]["POST"]["name"]["required"]


@pytest.mark.parametrize("path", PAGES)
async def test_whoever_is_not_signed_in_can_log_in(scene: Scene, path: str) -> None:
    async with httpx.AsyncClient(base_url=scene.server.url, headers=HTML, timeout=60) as stranger:
        page = await stranger.get(scene.fill(path))
        assert "Log out" not in page.text
        (link,) = re.findall(r'<a class="button small" href="([^"]+)">Log in</a>', page.text)
        sign_in = await stranger.get(unescape(link))
    assert f'name="next" value="{scene.fill(path).replace("&", "&amp;")}"' in sign_in.text


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/groups", {"POST"}),
        ("/api/groups/$group", {"PATCH", "DELETE"}),
        ("/api/groups/$group/members", {"POST"}),
        ("/api/groups/$group/members/$bob", {"PATCH", "DELETE"}),
        ("/api/messages?groupId=$group", {"POST"}),
        ("/api/messages/$message", {"PATCH", "DELETE"}),
        ("/api/messages/$message/reactions", {"POST"}),
        ("/api/users/me", {"PATCH"}),
        ("/api/upload", {"POST"}),
    ],
)
async def test_each_input_has_a_form_with_an_example(scene: Scene, path: str, methods: set[str]) -> None:
    page = (await scene.browser.get(scene.fill(path))).text
    assert set(re.findall(r'data-method="(\w+)"', page)) == methods
    for example in re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL):
        assert example.strip().startswith("{")
        # Sent twice as it is, it must work twice.
        assert "clientId" not in example
    if "groupId" in path and methods:
        assert f"&quot;groupId&quot;: &quot;{scene.group_id}&quot;" in page


async def test_json_is_one_parameter_away(scene: Scene) -> None:
    path = f"/api/messages?groupId={scene.group_id}"
    page = (await scene.browser.get(path)).text
    (address,) = re.findall(r'<a href="([^"]+)">as JSON</a>', page)
    response = await scene.browser.get(unescape(address))
    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["messages"]


async def test_a_page_of_a_list_leads_to_the_next(scene: Scene) -> None:
    page = (await scene.browser.get(f"/api/groups/{scene.group_id}/members?limit=1")).text
    (address,) = re.findall(r'rel="next" href="([^"]+)"', page)
    assert (await scene.browser.get(unescape(address))).status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "address"),
    [
        ("id", "group_1", "/api/groups/group_1"),
        ("id", "direct_1", "/api/groups/direct_1"),
        ("id", "group_1.2", "/api/messages/group_1.2"),
        ("id", "user_1", "/api/users/user_1"),
        ("id", "file_1", "/api/files/metadata/file_1"),
        ("createdBy", "a|b c", "/api/users/a%7Cb%20c"),
        ("parentId", "group_1.2", "/api/messages/group_1.2"),
        ("url", "/api/files/file_1", "/api/files/file_1"),
        ("url", "javascript:alert(1)", ""),
        ("content", "https://evil.test/", ""),
        ("name", "/api/groups", ""),
    ],
)
def test_ids_and_addresses_are_links(name: str, value: str, address: str) -> None:
    assert address_of(name, value) == address


def test_what_people_wrote_is_text() -> None:
    html = linked_json({"content": '</pre><script>"', "id": 'user_1"><script>', "name": "<b>"})
    assert "<script>" not in html
    assert "<b>" not in html
