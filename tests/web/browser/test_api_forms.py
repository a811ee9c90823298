"""The forms of the browsable API, in a browser: what they send is carried out, and its answer shown."""

import json

from playwright.async_api import expect

from .person import Person


async def test_a_form_sends_its_json_and_shows_the_answer(alice: Person) -> None:
    page = alice.page
    await page.goto(f"{alice.url}/api/groups")
    form = page.locator("form[data-method=POST]")
    await form.get_by_role("button", name="POST").click()
    await expect(form.locator("output .status")).to_have_text("201 Created")
    await form.locator("output a").click()
    await expect(page.get_by_role("heading", name="Group", exact=True)).to_be_visible()
    rename = page.locator("form[data-method=PATCH]")
    await rename.locator("textarea").fill(json.dumps({"name": "Crow's nest"}))
    await rename.get_by_role("button", name="PATCH").click()
    await expect(rename.locator("output")).to_contain_text("Crow's nest")
    await rename.locator("textarea").fill(json.dumps({"name": ""}))
    await rename.get_by_role("button", name="PATCH").click()
    await expect(rename.locator("output .status")).to_have_text("400 Bad Request")
    # The browser has said so too.
    assert [fault for fault in alice.faults if "400" in fault]
    alice.faults.clear()


async def test_a_query_is_a_form_too(alice: Person) -> None:
    page = alice.page
    await page.goto(f"{alice.url}/api/users")
    await page.get_by_label("limit").fill("1")
    await page.get_by_role("button", name="GET").click()
    await page.wait_for_url("**/api/users?limit=1")
    await expect(page.locator("pre.body")).to_contain_text('"users"')


async def test_log_out_is_on_the_page(alice: Person) -> None:
    page = alice.page
    await page.goto(f"{alice.url}/api/users/me")
    await page.get_by_role("button", name="Log out").click()
    await page.wait_for_url("**/sign-in")
    await page.goto(f"{alice.url}/api/users/me")
    await expect(page.get_by_role("link", name="Log in", exact=True)).to_be_visible()
    alice.faults.clear()
