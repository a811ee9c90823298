"""A company at work, for pictures: a dozen people, their groups and conversations, and what they say there."""

from collections.abc import Sequence
from typing import Any

import httpx
from playwright.async_api import Page

from .person import Person
from .tour import PASSWORD, call

OWNER = "Anna Lindqvist"
COLLEAGUES = (
    "Ben Okafor",
    "Clara Moreau",
    "David Kim",
    "Elif Yilmaz",
    "Farah Haddad",
    "Grace Oyelaran-Featherstonehaugh",
    "Henrik Sørensen",
    "Ines Carvalho",
    "Jonas Weber",
    "Keiko Tanaka",
    "Maximilian von und zu Hohenstein-Waldburg",
)
GROUPS = ("Design", "General", "Launch week", "Support")
LONG_NAMES = (
    "Arbeitskreis Dokumentationsqualitätssicherung",
    "quarterly-planning-finance-and-procurement",
    "Q&A: 日本語サポート",
)
_CODE = """The check before a release is one function now:

```python
def may_release(build: Build) -> bool:
    # Whoever is on call has to agree.
    return build.is_green and build.approved_by(on_call())
```"""
_ANSWER = """> who has the keys of the demo room?

I have them. *Two things* for Thursday:

1. the second phone, **charged**
2. the slides from `launch/2.0`"""


class Colleague:
    """Somebody who speaks through the API."""

    def __init__(self, client: httpx.AsyncClient, name: str, token: str) -> None:
        self.name, self.id = name, ""
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}

    async def asks(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        response = await self._client.request(method, path, json=body, headers=self._headers, **more)
        response.raise_for_status()
        return response.json() if response.content else None

    async def says(self, group: str, content: str, **more: object) -> Any:
        said = await self.asks("POST", "/api/messages", {"groupId": group, "content": content, **more})
        return said["message"]

    async def uploads(self, group: str, picture: bytes) -> str:
        form = {"data": {"groupId": group}, "files": {"file": ("sign-ups.png", picture, "image/png")}}
        return str((await self.asks("POST", "/api/upload", **form))["file"]["id"])

    async def reacts(self, message: Any, emoji: str) -> None:
        await self.asks("POST", f"/api/messages/{message['id']}/reactions", {"emoji": emoji, "action": "add"})


async def hire(owner: Person, client: httpx.AsyncClient, names: Sequence[str] = COLLEAGUES) -> list[Colleague]:
    """Invite people, who make their accounts."""
    invitation = await call(owner.page, "POST", "/api/accounts/invitations", {"uses": len(names)})
    link = httpx.URL(str(invitation["url"])).params["link"]
    return [await _join(client, link, name, f"colleague-{number}") for number, name in enumerate(names)]


async def _join(client: httpx.AsyncClient, link: str, name: str, login: str) -> Colleague:
    account = {"link": link, "login": login, "password": PASSWORD, "name": name}
    response = await client.post("/api/accounts/join", json=account)
    response.raise_for_status()
    colleague = Colleague(client, name, response.json()["token"])
    colleague.id = (await colleague.asks("GET", "/api/users/me"))["id"]
    return colleague


async def make_groups(owner: Page, people: Sequence[Colleague], names: Sequence[str] = GROUPS) -> dict[str, str]:
    """Return the id of each group; all of these people are in all of them."""
    made = {}
    for name in names:
        made[name] = str((await call(owner, "POST", "/api/groups", {"name": name}))["id"])
        if people:
            added = {"userIds": [one.id for one in people]}
            await call(owner, "POST", f"/api/groups/{made[name]}/members", added)
    return made


async def chat(owner: Page, people: Sequence[Colleague], groups: dict[str, str], chart: bytes) -> str:
    """Have them speak in every group; return the id of the message that has a thread."""
    ben, clara, david, elif_ = people[:4]
    here = groups["Launch week"]
    await ben.says(here, _CODE)
    notes = await ben.says(here, "Release notes: https://example.com/notes/2.0, please read them before noon.")
    await _react(notes, {"👀": [clara, david], "👍": [elif_]})
    figures = await clara.says(
        here,
        "Sign-ups for the preview keep climbing, the last bar is yesterday:",
        attachments=[await clara.uploads(here, chart)],
    )
    await _react(figures, {"🎉": [ben, david, elif_], "🚀": [ben]})
    await call(owner, "POST", f"/api/messages/{figures['id']}/reactions", {"emoji": "🎉", "action": "add"})
    await david.says(here, _ANSWER)
    gone = await david.says(here, "(the wrong window)")
    await david.asks("DELETE", f"/api/messages/{gone['id']}")
    edited = await elif_.says(here, "Support has answers ready for the questions we expect")
    await elif_.asks(
        "PATCH",
        f"/api/messages/{edited['id']}",
        {"content": "Support has answers ready for the **ten** questions we expect most."},
    )
    asked = await call(
        owner,
        "POST",
        "/api/messages",
        {"groupId": here, "content": "Wonderful. One thing left: who gives the demo on Thursday?"},
    )
    root: Any = asked["message"]
    for one, reply in (
        (david, "I can, if someone holds the second phone."),
        (clara, "I hold it! Rehearsal tomorrow at ten?"),
        (ben, "Ten works. I'll bring the release build."),
    ):
        await one.says(here, reply, parentId=root["id"])
    await call(
        owner,
        "POST",
        "/api/messages",
        {"groupId": here, "content": "Perfect, it's in the calendar. Thank you three 💚", "parentId": root["id"]},
    )
    await _leave_unread(owner, people, groups)
    return str(root["id"])


async def _react(message: Any, reactions: dict[str, list[Colleague]]) -> None:
    for emoji, people in reactions.items():
        for one in people:
            await one.reacts(message, emoji)


async def _leave_unread(owner: Page, people: Sequence[Colleague], groups: dict[str, str]) -> None:
    me = await owner.locator("body").get_attribute("data-user-id")
    ben, clara, *others = people
    await ben.says(groups["Design"], "New tokens for type and space are on the branch.")
    await clara.says(groups["Design"], f"<@{me}>, would you look at the dark one?")
    for one in (ben, clara, *others[-2:]):
        direct = await call(owner, "POST", "/api/groups/direct", {"userId": one.id})
        await one.says(str(direct["id"]), f"Good morning! This is {one.name}.")


__all__ = ["COLLEAGUES", "GROUPS", "LONG_NAMES", "OWNER", "Colleague", "chat", "hire", "make_groups"]
