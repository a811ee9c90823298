"""The description of the API is made by one request at a time: its maker loads what it needs without a lock."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import RequestFactory

from chatproject import views
from chatproject.openapi import document

pytestmark = pytest.mark.unit
_REQUESTS = 4


class OneAtATime:
    """Makes the document, slowly, and refuses to make another one meanwhile."""

    def __init__(self) -> None:
        self.busy = threading.Lock()
        self.made = 0

    def get_schema(self, *, public: bool) -> dict[str, Any]:
        assert self.busy.acquire(blocking=False), "two at once"
        try:
            # Long enough for the other threads to come here.
            threading.Event().wait(0.2)
            self.made += 1
            return {"openapi": "3.1.0"}
        finally:
            self.busy.release()


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> OneAtATime:
    maker = OneAtATime()
    monkeypatch.setattr("drf_spectacular.generators.SchemaGenerator", lambda: maker)
    views._schema_as.cache_clear()
    document._document.cache_clear()
    return maker


def test_requests_at_the_same_time_get_one_schema(maker: OneAtATime) -> None:
    view = views.SchemaView.as_view()

    def get(number: int) -> int:
        return int(view(RequestFactory().get("/api/schema")).status_code)

    try:
        with ThreadPoolExecutor(_REQUESTS) as threads:
            assert list(threads.map(get, range(_REQUESTS))) == [200] * _REQUESTS
        assert maker.made == 1
    finally:
        views._schema_as.cache_clear()
        document._document.cache_clear()
