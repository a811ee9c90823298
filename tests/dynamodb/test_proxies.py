"""A server whose environment demands a proxy for DynamoDB does not start: the client would not use it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatproject.lifespan import lifespan
from chatproject.process import startup
from dynamodb import store

pytestmark = pytest.mark.unit

AWS = "https://dynamodb.eu-central-1.amazonaws.com"
PROXY = "http://proxy:3128"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    store._endpoint_and_credentials.cache_clear()
    yield
    store._endpoint_and_credentials.cache_clear()


def prepare(monkeypatch: pytest.MonkeyPatch, url: str, environment: dict[str, str]) -> None:
    monkeypatch.setattr(store.TableMeta, "host", url)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    store.prepare()


@pytest.mark.parametrize(
    ("url", "environment", "variable"),
    [
        (AWS, {"HTTPS_PROXY": PROXY}, "HTTPS_PROXY"),
        (AWS, {"https_proxy": PROXY}, "HTTPS_PROXY"),
        (AWS, {"HTTPS_PROXY": PROXY, "NO_PROXY": "localhost,.example.com"}, "HTTPS_PROXY"),
        ("http://dynamo:8000", {"HTTP_PROXY": PROXY}, "HTTP_PROXY"),
    ],
)
def test_a_proxy_is_refused(
    monkeypatch: pytest.MonkeyPatch, url: str, environment: dict[str, str], variable: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{variable} is set.*NO_PROXY"):
        prepare(monkeypatch, url, environment)


@pytest.mark.parametrize(
    ("url", "environment"),
    [
        (AWS, {}),
        (AWS, {"HTTP_PROXY": PROXY}),
        (AWS, {"HTTPS_PROXY": ""}),
        (AWS, {"HTTPS_PROXY": PROXY, "NO_PROXY": "localhost,.amazonaws.com"}),
        (AWS, {"HTTPS_PROXY": PROXY, "no_proxy": "*"}),
        ("http://dynamo:8000", {"HTTP_PROXY": PROXY, "NO_PROXY": "dynamo"}),
        ("http://dynamo:8000", {"HTTP_PROXY": PROXY, "NO_PROXY": "dynamo:8000"}),
        ("http://localhost:8000", {"HTTP_PROXY": PROXY}),
        ("http://127.0.0.1:8000", {"HTTP_PROXY": PROXY}),
        ("http://[::1]:8000", {"HTTP_PROXY": PROXY}),
    ],
)
def test_a_proxy_that_is_not_meant_for_dynamodb_is_ignored(
    monkeypatch: pytest.MonkeyPatch, url: str, environment: dict[str, str]
) -> None:
    prepare(monkeypatch, url, environment)


async def test_the_server_does_not_start_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.TableMeta, "host", AWS)
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    # Another test on this loop may have started the process.
    startup.pop()
    events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    events.put_nowait({"type": "lifespan.startup"})
    sent: list[dict[str, Any]] = []

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    await lifespan({}, events.get, send)
    (event,) = sent
    assert event["type"] == "lifespan.startup.failed"
    assert "HTTPS_PROXY is set" in event["message"]
