"""Without a script: the pages and forms of messages to be sent later and of reminders."""

import re
from datetime import UTC, datetime, timedelta

from .test_keeping import Visitor, group, message_path, visitor

__all__ = ["group", "visitor"]


def _in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT09:30")


def test_a_message_is_planned_changed_and_cancelled(visitor: Visitor, group: str) -> None:
    assert f"{group}/planned/new" in visitor.sees(group)
    assert "A message to Harbour" in visitor.sees(f"{group}/planned/new")
    at = _in_days(2)
    planned = visitor.submits(f"{group}/planned", content="good <morning>", at=at, timeZone="Europe/Berlin")
    assert planned.url.path == "/planned"
    assert "good &lt;morning&gt;" in planned.text
    assert '09:30</strong> <span class="quiet">Europe/Berlin, to Harbour' in planned.text
    assert f'value="{at}"' in planned.text
    (scheduled_id,) = re.findall(r'data-scheduled-id="([^"]+)"', planned.text)
    change = {"content": "good evening", "at": _in_days(3), "timeZone": "UTC", "ifVersion": "1"}
    changed = visitor.submits(f"/planned/{scheduled_id}/change", **change)
    assert "good evening" in changed.text
    assert "good evening" not in visitor.submits(f"/planned/{scheduled_id}/cancel").text


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(visitor: Visitor, group: str) -> None:
    token = visitor.client.cookies["csrftoken"]
    typed = {"content": "too late", "at": "2001-01-01T09:00", "timeZone": "Asia/Tokyo"}
    response = visitor.client.post(f"{group}/planned", data={**typed, "csrfmiddlewaretoken": token})
    assert response.status_code == 400
    assert "It is a time to come" in response.text
    assert "too late</textarea>" in response.text
    assert "<option selected>Asia/Tokyo</option>" in response.text


def test_a_time_that_nobody_has_touched_stays_as_it_is(visitor: Visitor, group: str) -> None:
    at = f"{_in_days(2)}:47"
    page = visitor.submits(f"{group}/planned", content="to the second", at=at, timeZone="UTC").text
    shown = _hidden(page, "shownAt")
    change = {"content": "still to the second", "at": shown, "shownAt": shown, "timeZone": "UTC", "ifVersion": "1"}
    scheduled_id = _scheduled_id(page)
    visitor.submits(f"/planned/{scheduled_id}/change", **change)
    (plan,) = visitor.client.get("/api/scheduled").json()["scheduled"]
    assert (plan["content"], plan["localTime"]) == ("still to the second", at)
    visitor.submits(f"/planned/{scheduled_id}/cancel")


def test_a_change_that_is_refused_shows_what_was_typed(visitor: Visitor, group: str) -> None:
    page = visitor.submits(f"{group}/planned", content="before", at=_in_days(2), timeZone="UTC").text
    shown = _hidden(page, "shownAt")
    change = {"content": "typed <long>", "at": "2001-01-01T09:00", "shownAt": shown, "timeZone": "UTC"}
    token = visitor.client.cookies["csrftoken"]
    path = f"/planned/{_scheduled_id(page)}/change"
    refused = visitor.client.post(path, data={**change, "csrfmiddlewaretoken": token})
    assert refused.status_code == 400
    assert "typed &lt;long&gt;</textarea>" in refused.text
    assert 'value="2001-01-01T09:00"' in refused.text
    assert _hidden(refused.text, "shownAt") == shown
    assert "<details open>" in refused.text
    visitor.submits(path.replace("/change", "/cancel"))


def _hidden(page: str, name: str) -> str:
    (value,) = re.findall(f'name="{name}" value="([^"]+)"', page)
    return str(value)


def _scheduled_id(page: str) -> str:
    (scheduled_id,) = re.findall(r'data-scheduled-id="([^"]+)"', page)
    return str(scheduled_id)


def test_a_reminder_is_chosen_listed_and_cancelled(visitor: Visitor, group: str) -> None:
    path = message_path(visitor, group)
    assert f"{path}/remind/when" in visitor.sees(group)
    page = visitor.sees(f"{path}/remind/when")
    assert "the <em>plan</em>" in page
    assert "Tomorrow at 9:00" in page
    listed = visitor.submits(f"{path}/remind", when="tomorrow", timeZone="Europe/Berlin")
    assert listed.url.path == "/planned"
    assert '09:00</strong> <span class="quiet">Europe/Berlin, of a message in Harbour' in listed.text
    assert "the <em>plan</em>" in listed.text
    (reminder_id,) = re.findall(r'data-reminder-id="([^"]+)"', listed.text)
    after = visitor.submits(f"/reminders/{reminder_id}/cancel")
    assert "the <em>plan</em>" not in after.text


def test_a_stranger_s_page_of_a_group_is_none(visitor: Visitor) -> None:
    for path in ("/groups/group_0000000000000000/planned/new", "/groups/group_0/messages/group_0.1/remind/when"):
        assert visitor.client.get(path).status_code == 404
