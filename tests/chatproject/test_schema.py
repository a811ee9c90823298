"""The description of the API is made by a process of its own, once in each form, however many ask at once."""

import json
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from chatproject import views
from chatproject.browsable import forms
from chatproject.openapi import document
from users import views as users

_REQUESTS = 4
FORMS = {document.JSON: "application/vnd.oai.openapi+json", document.YAML: "application/vnd.oai.openapi"}


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    """Have it made anew, and what a test has made forgotten."""
    caches = (document._text, document._document)
    for each in caches:
        each.cache_clear()
    yield
    for each in caches:
        each.cache_clear()


class OneAtATime:
    """Makes the document, slowly, and refuses to make another one meanwhile."""

    def __init__(self) -> None:
        self.busy = threading.Lock()
        self.made: list[str] = []

    def run(self, form: str) -> bytes:
        assert self.busy.acquire(blocking=False), "two at once"
        # Long enough for the other threads to come here.
        threading.Event().wait(0.2)
        self.busy.release()
        self.made.append(form)
        return b"{}"


@pytest.mark.unit
def test_requests_at_the_same_time_get_one_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    maker = OneAtATime()
    monkeypatch.setattr(document, "_run", maker.run)
    view = views.SchemaView.as_view()

    def get(number: int) -> int:
        return int(view(RequestFactory().get("/api/schema")).status_code)

    with ThreadPoolExecutor(_REQUESTS) as threads:
        assert list(threads.map(get, range(_REQUESTS))) == [200] * _REQUESTS
    assert maker.made == [document.JSON]


def test_a_process_makes_it_as_it_is_made_here() -> None:
    assert document.document() == json.loads(json.dumps(document.generate()))
    client = Client()
    for form, media in FORMS.items():
        response = client.get("/api/schema", headers={"Accept": media})
        assert (response.content, response.headers["Content-Type"]) == (document.document_as(form), media)
    assert document.document_as(document.YAML).startswith(b"openapi: 3.1.0\n")


@pytest.mark.unit
def test_a_process_that_fails_is_told_as_a_failure_for_the_moment(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DEBUG = False
    monkeypatch.setattr(sys, "executable", "/bin/false")
    response = Client().get("/api/schema")
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "unavailable"
    assert "could not be made" in caplog.text
    monkeypatch.setattr(document, "_run", lambda form: b"{}")
    assert Client().get("/api/schema").content == b"{}"


@pytest.mark.unit
def test_a_page_without_a_description_has_no_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert forms.summary_of(users.MeView(), "GET") == ""
    assert forms.forms_of(users.MeView(), {}) == []
