"""Notifications in a browser: the page, turning it on, a push that shows, and one that takes it back."""

import json
from typing import Any

from playwright.async_api import Page, expect

from bench.notifications.browser import Browser

from .conftest import Arrives
from .person import holds
from .test_administration import looks_right

# What a browser does that reaches a push service: here there is none.
_SUBSCRIBE = """
PushManager.prototype.getSubscription = async () => null
PushManager.prototype.subscribe = async ({ applicationServerKey }) => ({
    toJSON: () => ({ endpoint: 'https://push.example.org/' + applicationServerKey.slice(0, 20), keys: KEYS })
})
"""
_SHOWN = """async () => (await (await navigator.serviceWorker.getRegistration('/')).getNotifications())
    .map(({ title, body, tag, data }) => ({ title, body, tag, seq: data.seq }))"""


async def _push(page: Page, origin: str, /, **payload: Any) -> None:
    """Deliver a push to the page's service worker, as the browser does it once it has decrypted one."""
    client = await page.context.new_cdp_session(page)
    registrations: list[str] = []
    client.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(each["registrationId"] for each in event["registrations"]),
    )
    await client.send("ServiceWorker.enable")
    while not registrations:
        await page.wait_for_timeout(20)
    await client.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": registrations[-1], "data": json.dumps(payload)},
    )


async def test_a_browser_takes_notifications(arrives: Arrives) -> None:
    ada = await arrives("Ada", service_workers="allow")
    page = ada.page
    await page.context.grant_permissions(["notifications"], origin=ada.url)
    await page.add_init_script(_SUBSCRIBE.replace("KEYS", json.dumps(Browser().keys)))
    await page.goto(f"{ada.url}/notifications")
    await looks_right(page, "notifications")
    await page.get_by_role("button", name="Turn on in this browser").click()
    await expect(page.get_by_text("this session")).to_be_visible()
    await looks_right(page, "notifications-on")

    message = {"type": "message", "tag": "group_1", "seq": 5, "title": "Bob in Harbour", "body": "ahoy", "url": "/"}
    await _push(page, ada.url, **message)
    await holds(page, f"async () => (await ({_SHOWN})()).length === 1")
    # One that comes late, and one that is there already.
    await _push(page, ada.url, **{**message, "seq": 4, "body": "earlier"})
    await _push(page, ada.url, **message)
    await _push(page, ada.url, **{**message, "tag": "group_2", "seq": 2})
    await holds(page, f"async () => (await ({_SHOWN})()).length === 2")
    shown = await page.evaluate(_SHOWN)
    assert [(each["tag"], each["seq"], each["body"]) for each in shown] == [
        ("group_1", 5, "ahoy"),
        ("group_2", 2, "ahoy"),
    ]
    await _push(page, ada.url, type="close", tag="group_1", seq=4)
    await _push(page, ada.url, type="close", tag="group_2", seq=2)
    await holds(page, f"async () => (await ({_SHOWN})()).length === 1")
    assert [each["tag"] for each in await page.evaluate(_SHOWN)] == ["group_1"]

    await page.get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("No device takes notifications for you yet.")).to_be_visible()


# What would open, when no page answers; without a click a worker may neither open nor focus anything.
_OPEN = """async (path) => {
    const opened = [];
    self.clients.openWindow = async (url) => opened.push(new URL(url).pathname);
    WindowClient.prototype.focus = async () => {};
    await open(path);
    return opened;
}"""


async def test_a_click_opens_the_chat_and_another_user_sees_nothing(arrives: Arrives) -> None:
    ada = await arrives("Ada", service_workers="allow")
    page = ada.page
    path = f"/groups/{await ada.makes_group('Harbour')}"
    await page.context.grant_permissions(["notifications"], origin=ada.url)
    await page.add_init_script(_SUBSCRIBE.replace("KEYS", json.dumps(Browser().keys)))
    await page.goto(f"{ada.url}/notifications")
    await page.get_by_role("button", name="Turn on in this browser").click()
    await expect(page.get_by_text("this session")).to_be_visible()
    (worker,) = page.context.service_workers
    # The page of settings does not answer.
    assert await worker.evaluate(_OPEN, path) == [path]

    await page.goto(f"{ada.url}{path}")
    await _push(page, ada.url, type="message", tag="group_1", seq=5, title="Bob", body="ahoy", url=path)
    await holds(page, f"async () => (await ({_SHOWN})()).length === 1")
    assert await worker.evaluate(_OPEN, path) == []

    await page.evaluate("localStorage.setItem('notifications-of', 'user_of_before')")
    unsubscribe = "async () => ({ unsubscribe: async () => localStorage.setItem('unsubscribed', 'yes') })"
    await page.add_init_script(f"PushManager.prototype.getSubscription = {unsubscribe}")
    await page.goto(f"{ada.url}{path}")
    await holds(page, f"async () => (await ({_SHOWN})()).length === 0")
    await page.wait_for_function("localStorage.getItem('notifications-of') === null")
    assert await page.evaluate("localStorage.getItem('unsubscribed')") == "yes"


async def test_settings_and_why(arrives: Arrives) -> None:
    ada = await arrives("Ada")
    page = ada.page
    group_id = await ada.makes_group("Harbour")
    await page.goto(f"{ada.url}/notifications")
    await page.get_by_label("From").fill("22:00")
    await page.get_by_label("until").fill("07:00")
    await page.get_by_role("button", name="Save this").click()
    await expect(page.get_by_label("From")).to_have_value("22:00")
    await page.get_by_label("On your devices").select_option("false")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_label("On your devices")).to_have_value("false")
    await page.goto(f"{ada.url}/groups/{group_id}")
    await ada.says("ahoy")
    await ada.sees("ahoy")
    message_id = await page.locator(".message").last.get_attribute("data-message-id")
    await page.goto(f"{ada.url}/groups/{group_id}/messages/{message_id}/why")
    await expect(page.get_by_text("You have written it.")).to_be_visible()
    await looks_right(page, "why")
