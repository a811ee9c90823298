"""Reads of JSON are answered on the event loop; what may compute for long has a thread."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe
from rest_framework.renderers import JSONRenderer

from chatproject.asgi import application
from chatproject.process import startup
from chatproject.threads import _Threads
from foundation.api import JsonRenderer
from messaging import services as messages
from tests.cast import Person

READS = (
    *("/api/groups", "/api/groups/$group", "/api/groups/$group/members", "/api/users/me", "/api/users?search="),
    *("/api/messages?groupId=$group", "/api/messages/$message", "/api/messages/$message/thread"),
    *("/api/messages/changes?groupId=$group&since=0", "/api/files?groupId=$group"),
)


@pytest.fixture
def in_threads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Django has had done in threads."""
    done: list[Any] = []
    submit = _Threads.submit

    def counting(threads: _Threads, *call: Any, **more: Any) -> Any:
        done.append(call)
        return submit(threads, *call, **more)

    monkeypatch.setattr(_Threads, "submit", counting)
    return done


@pytest.fixture
async def http(alice: Person, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr(startup(), "_is_done", True)
    transport = httpx.ASGITransport(application)
    headers = {"Authorization": f"Bearer {alice.token}", "Accept": "application/json", "Accept-Encoding": "identity"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as http:
        yield http


@pytest.fixture
async def message_id(alice: Person, group_id: str) -> str:
    sent = await messages.send_message(actor=alice.actor, group_id=group_id, content="ahoy")
    return str(sent["message"]["id"])


@pytest.mark.parametrize("path", READS)
async def test_reads_of_json_take_no_thread(
    http: httpx.AsyncClient, group_id: str, message_id: str, in_threads: list[Any], path: str
) -> None:
    path = path.replace("$group", group_id).replace("$message", message_id)
    read = await http.get(path)
    assert (read.status_code, in_threads) == (200, [])
    assert (await http.head(path)).headers["ETag"] == read.headers["ETag"]
    refused = [await http.get(path, headers={"Authorization": wrong}) for wrong in ("Bearer x", "")]
    assert ([each.status_code for each in refused], in_threads) == ([401, 401], [])
    # A form has its page in a thread, with the same content.
    page = await http.get(path, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert in_threads


async def test_errors_of_reads_are_those_of_any_view(http: httpx.AsyncClient, in_threads: list[Any]) -> None:
    missing = await http.get("/api/groups/nowhere")
    wrong = await http.get("/api/groups?limit=many")
    unacceptable = await http.get("/api/groups", headers={"Accept": "image/png"})
    codes = [each.json()["error"]["code"] for each in (missing, wrong, unacceptable)]
    assert (codes, in_threads) == (["not_found", "invalid", "not_acceptable"], [])


async def test_what_has_a_body_has_a_thread(http: httpx.AsyncClient, group_id: str, in_threads: list[Any]) -> None:
    sent = await http.post("/api/messages", json={"groupId": group_id, "content": "ahoy"})
    assert sent.status_code == 201
    assert in_threads


@pytest.mark.unit
@pytest.mark.parametrize(
    "data",
    [
        {"texts": ['é\u2028\u2029\t\x7f"\\/', ""], "numbers": [0, -1, 2**53, 1.5, 2**70], "none": None, "yes": True},
        {"lazy": lazystr("x"), "safe": mark_safe("<b>"), 1: "a number as a name"},
        {"at": datetime(2026, 1, 1, tzinfo=UTC), "price": Decimal("1.50"), "tuple": (1, 2), "set": {1}},
        *([], "text", None),
    ],
)
def test_the_json_is_that_of_drf(data: Any) -> None:
    assert JsonRenderer().render(data) == JSONRenderer().render(data)
    pretty = "application/json; indent=2"
    assert JsonRenderer().render(data, pretty) == JSONRenderer().render(data, pretty, {})
