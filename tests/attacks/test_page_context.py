"""What a page of messages is made of takes the event loop a moment, however many messages there are."""

from typing import Any

import pytest
from django.urls import reverse

from tests.cpu_time import cpu_seconds
from users.actor import Actor
from web.conversation.content import Viewer, log_context

pytestmark = pytest.mark.unit
GROUP = "group_0123456789abcdef"


def message(seq: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{GROUP}.{seq}",
        "groupId": GROUP,
        "seq": seq,
        "userId": "user_a",
        "content": "x",
        "version": 1,
        "createdAt": "2026-01-01T00:00:00.000Z",
        **more,
    }


@pytest.fixture
def viewer() -> Viewer:
    return Viewer(Actor("user_a", "Ann", "sess_a", 0), "owner", {"user_a": "Ann"})


def test_a_hundred_messages_take_a_few_milliseconds(viewer: Viewer) -> None:
    messages = [message(seq) for seq in range(100)]
    # The addresses alone took 30.
    assert cpu_seconds(lambda: log_context(messages, viewer)) < 0.008


@pytest.mark.parametrize("message_id", [f"{GROUP}.7", "a b?d%é", "-group-"])
def test_addresses_are_those_of_django(viewer: Viewer, message_id: str) -> None:
    (shown,) = log_context([message(7, id=message_id)], viewer)
    names = {"thread_url": "thread", "react_url": "react", "edit_url": "edit", "history_url": "history"}
    assert {key: shown[key] for key in names} == {
        key: reverse(f"web:{name}", args=[GROUP, message_id]) for key, name in names.items()
    }
    assert shown["url"] == reverse("web:group", args=[GROUP])
