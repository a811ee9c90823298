"""Invitations to groups in the browser: the badge of who is asked, and the list of who manages the group."""

from typing import Any

from playwright.async_api import Page, expect

from .person import Person

CALL = """async ([method, address, data]) => {
  const headers = {
    "Content-Type": "application/json",
    "X-CSRFToken": document.querySelector("#act [name=csrfmiddlewaretoken]").value,
  };
  const body = data === null ? undefined : JSON.stringify(data);
  const response = await fetch(address, { method, headers, body });
  return response.status === 204 ? null : await response.json();
}"""


async def call(page: Page, method: str, address: str, data: Any = None) -> Any:
    return await page.evaluate(CALL, [method, address, data])


async def test_who_is_asked_sees_it_at_once_and_managers_take_it_back(alice: Person, bob: Person) -> None:
    group_id = await alice.makes_group("Harbour")
    me = await call(bob.page, "GET", "/api/users/me")
    await call(bob.page, "PATCH", "/api/users/me/privacy", {"addableBy": "nobody"})
    badge = bob.page.locator("#invitations-open")
    await expect(badge).to_be_hidden()

    async def ask() -> None:
        refused = await call(alice.page, "POST", f"/api/groups/{group_id}/members", {"userIds": [me["id"]]})
        assert refused["error"]["code"] == "forbidden"
        alice.faults.clear()
        await expect(badge).to_be_visible()
        await expect(badge).to_contain_text("1")

    await ask()
    await alice.page.goto(f"{alice.url}/groups/{group_id}/invitations")
    asked = alice.page.locator("section", has=alice.page.get_by_role("heading", name="Asked to join"))
    await expect(asked.get_by_text(me["name"])).to_be_visible()
    await asked.get_by_role("button", name="Take back").click()
    await expect(asked.get_by_text("Nobody just now.")).to_be_visible()
    await expect(badge).to_be_hidden()
    await alice.page.goto(f"{alice.url}/groups/{group_id}")
    await ask()
    # Joined, perhaps on another device.
    await call(bob.page, "POST", f"/api/groups/{group_id}/rejoin")
    await expect(badge).to_be_hidden()
