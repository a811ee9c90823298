"""Every page of the web chat, filled: what an owner sees of a workspace where people work, and what strangers see.

Tests that hold for all pages walk it; `PAGES` is compared with the addresses of `web.urls`.
"""

from dataclasses import dataclass
from urllib.parse import quote

from playwright.async_api import Page, expect

from tests.times import in_a_day

from .person import Person
from .test_accounts import PASSWORD, invite, join

_LONG = "An unbroken word of a program: " + "chatproject_settings_of_the_whole_workspace_" * 3
_MARKDOWN = """# A heading
A *list*, and [a link](https://example.org/):

- one
- two

> quoted

```python
def measure(distance: float) -> float:  # of a long line that has to scroll, for it does not fit into a phone's screen
    return distance / 2
```

| a | table |
|---|---|
| 1 | 2 |"""

# By the name of its address. Of an owner, unless it is in STRANGERS.
PAGES = {
    "home": "/?list",
    "group": "/groups/{group}",
    "thread": "/groups/{group}/threads/{message}",
    "permalink": "/groups/{group}/messages/{seq}",
    "edit": "/groups/{group}/messages/{message}/edit",
    "delete": "/groups/{group}/messages/{message}/delete",
    "history": "/groups/{group}/messages/{message}/history",
    "react": "/groups/{group}/messages/{message}/reaction",
    "quote": "/groups/{group}/messages/{message}/quote",
    "forward": "/groups/{group}/messages/{message}/forward",
    "choose-reminder": "/groups/{group}/messages/{message}/remind/when",
    "report": "/groups/{group}/messages/{others}/report",
    "why": "/groups/{group}/messages/{others}/why",
    "pins": "/groups/{group}/pins",
    "members": "/groups/{group}/members",
    "ask-for-owner": "/groups/{group}/members/{mary}/owner",
    "plan": "/groups/{group}/planned/new",
    "rejoin": "/groups/{group}/rejoin",
    "delete-group": "/groups/{group}/delete",
    "invitation-links": "/groups/{group}/invitations",
    "group-settings": "/groups/{group}/settings",
    "inbox": "/inbox",
    "unread": "/unread?ask",
    "threads": "/threads",
    "search": "/search?q=harbour",
    "saved": "/saved",
    "planned": "/planned",
    "sections": "/sections",
    "people": "/people",
    "person": "/people/{mary}",
    "report-person": "/people/{mary}/report",
    "profile": "/profile",
    "settings": "/settings",
    "commands": "/commands",
    "blocked": "/profile/blocked",
    "new-direct": "/direct/new",
    "my-invitations": "/invitations",
    "invited": "/invite?link={link}",
    "directory": "/directory",
    "notifications": "/notifications",
    "account": "/account",
    "accounts": "/accounts",
    "workspace": "/workspace",
    "teams": "/teams",
    "team": "/teams/{team}",
    "audit": "/audit",
    "reports": "/reports",
    "case": "/reports/{case}",
    "notices": "/notices",
    "status": "/status",
    "sign-in": "/sign-in",
    "join": "/join?link={invitation}",
    "reset": "/reset?link={reset}",
    "forgotten": "/forgotten",
}
STRANGERS = frozenset({"sign-in", "join", "reset", "forgotten"})
# Addresses that show no page of their own, with the status that a stranger's or an owner's GET has there.
NO_PAGE = {"service-worker": 200, "oidc-sign-in": 404, "oidc-sign-out": 404, "oidc-callback": 400, "oidc-join": 400}
# Pages that a server shows only when something is wrong, or with a provider: made from their templates.
TEMPLATES = {
    "400": "400.html",
    "403": "403.html",
    "403-form": "403_csrf.html",
    "404": "404.html",
    "429": "429.html",
    "500": "500.html",
    "503": "503.html",
    "going-to-a-provider": "web/oidc/go_on.html",
    "link-is-over": "web/accounts/link_is_over.html",
    "invitation-is-over": "web/invitations/over.html",
}

_CALL = """async ([method, path, body]) => {
    const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
    const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token };
    const response = await fetch(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
}"""


async def call(page: Page, method: str, path: str, body: object = None) -> dict[str, object]:
    """Ask the API as whoever the page is for."""
    answer: dict[str, object] = await page.evaluate(_CALL, [method, path, body])
    return answer


@dataclass
class Tour:
    owner: Person
    names: dict[str, str]

    def address(self, name: str) -> str:
        return self.owner.url + PAGES[name].format(**self.names)


async def fill(owner: Person, mary: Person, link: str) -> Tour:
    """Make a workspace whose owner has everything that pages show; `link` makes its owner."""
    await join(owner, link, "olive")
    invitation = await invite(owner)
    await join(mary, invitation, "mary")
    await owner.page.goto(owner.url)
    await owner.makes_group("Harbour")
    names = {"group": await _id_of(owner.page, "#conversation", "data-group-id")}
    names["mary"] = await _id_of(mary.page, "body", "data-user-id")
    await call(owner.page, "POST", f"/api/groups/{names['group']}/members", {"userIds": [names["mary"]]})
    made = {"userId": names["mary"], "password": PASSWORD}
    reset = await call(owner.page, "POST", "/api/accounts/reset-links", made)
    names["reset"] = quote(str(reset["url"]).partition("link=")[2])
    await _talk(owner.page, mary.page, names)
    await _keep(owner.page, names)
    names["invitation"] = quote((await invite(owner)).partition("link=")[2])
    return Tour(owner, names)


async def _id_of(page: Page, selector: str, attribute: str) -> str:
    return await page.locator(selector).get_attribute(attribute) or ""


async def _say(page: Page, group: str, content: str, **more: object) -> dict[str, str]:
    answer = await call(page, "POST", "/api/messages", {"groupId": group, "content": content, **more})
    return answer["message"]  # type: ignore[return-value] # JSON


async def _talk(page: Page, others: Page, names: dict[str, str]) -> None:
    group = names["group"]
    message = await _say(page, group, _MARKDOWN)
    names |= {"message": message["id"], "seq": str(message["seq"])}
    me = await _id_of(page, "body", "data-user-id")
    names["others"] = (await _say(others, group, f"<@{me}>, the harbour is {_LONG}"))["id"]
    for number in range(12):
        await _say(others if number % 3 else page, group, f"line {number} about ships, {'which are many ' * number}")
    for parent in (names["message"], names["others"]):
        await _say(others, group, "a reply, for you", parentId=parent)
        await call(others, "POST", f"/api/messages/{parent}/reactions", {"emoji": "🎉", "action": "add"})
    await call(page, "PATCH", f"/api/messages/{names['message']}", {"content": f"{_MARKDOWN}\n\nMore."})
    gone = await _say(page, group, "a mistake")
    await call(page, "DELETE", f"/api/messages/{gone['id']}")
    for about in ("message", "others"):
        await call(page, "POST", f"/api/messages/{names[about]}/pin", {"action": "add"})
        await call(page, "POST", f"/api/messages/{names[about]}/saved", {"action": "add"})
    # Of an administrator's own message, they would see no case.
    await call(page, "POST", "/api/reports", {"messageId": names["others"], "reason": "spam", "note": "Look."})


async def _keep(page: Page, names: dict[str, str]) -> None:
    """Plan, sort and invite, as an owner does."""
    group = names["group"]
    await call(page, "POST", "/api/scheduled", {"groupId": group, "content": "later", "at": in_a_day()})
    await call(page, "POST", "/api/reminders", {"messageId": names["others"], "when": "1_hour"})
    await call(page, "PUT", "/api/users/me/sections", {"sections": [{"name": "Ships"}], "ifVersion": 0})
    await call(page, "PUT", "/api/users/me/status", {"text": "On holiday", "emoji": "🌴"})
    await call(page, "POST", "/api/groups", {"name": "Everybody", "visibility": "public"})
    link = await call(page, "POST", f"/api/groups/{group}/invitation-links", {"uses": 5})
    names["link"] = quote(str(link["url"]).partition("link=")[2])
    team = await call(page, "POST", "/api/teams", {"name": "Crew", "handle": "crew", "memberIds": [names["mary"]]})
    names["team"] = str(team["id"])
    await page.goto(f"{page.url.split('/groups')[0]}/reports")
    await expect(page.locator("main")).to_contain_text("A message of")
    href = await page.get_by_role("link", name="A message of").first.get_attribute("href")
    names["case"] = (href or "").rsplit("/", 1)[-1]


__all__ = ["NO_PAGE", "PAGES", "PASSWORD", "STRANGERS", "TEMPLATES", "Tour", "call", "fill"]
