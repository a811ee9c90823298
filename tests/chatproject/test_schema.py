"""The description of the API is made by one request at a time: its maker loads what it needs without a lock."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import RequestFactory

from chatproject import views

pytestmark = pytest.mark.unit
_REQUESTS = 4


class OneAtATime:
    """In place of the maker: fails when it is called while it is at work."""

    busy = threading.Lock()
    made = 0

    def get_schema(self, **options: Any) -> dict[str, Any]:
        assert self.busy.acquire(blocking=False), "two at once"
        try:
            # Long enough for the other threads to come here.
            threading.Event().wait(0.2)
            OneAtATime.made += 1
            return {"openapi": "3.0.3"}
        finally:
            self.busy.release()


@pytest.fixture(autouse=True)
def _maker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "SchemaGenerator", OneAtATime)
    views._schema.cache_clear()
    views._schema_as.cache_clear()


def test_requests_at_the_same_time_get_one_schema() -> None:
    view = views.SchemaView.as_view()

    def get(number: int) -> int:
        return int(view(RequestFactory().get("/api/schema")).status_code)

    try:
        with ThreadPoolExecutor(_REQUESTS) as threads:
            assert list(threads.map(get, range(_REQUESTS))) == [200] * _REQUESTS
        assert OneAtATime.made == 1
    finally:
        views._schema.cache_clear()
        views._schema_as.cache_clear()
