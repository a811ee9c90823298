"""The passwords of engines are in no debug page, log line or traceback, in whatever form."""

import io
import logging
import os
import subprocess
import sys

import pytest
from django.test import RequestFactory
from django.views.debug import get_exception_reporter_class
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from bin.local.engines import NO_ENGINES
from chatproject.error_reports import CleansedReporter
from foundation import cleansing
from foundation.cleansing import cleanse, hide

pytestmark = pytest.mark.unit

PASSWORD = "hunter2%21x"
URL = f"redis://user:{PASSWORD}@10.0.0.1:6379/0"


@pytest.fixture(autouse=True)
def _known() -> None:
    hide([URL])


def _report(kind: str) -> str:
    address = URL

    def fail() -> None:
        options = {"password": "hunter2!x"}
        raise ConnectionError(f"cannot connect to {address} with {options}")

    try:
        fail()
    except ConnectionError:
        reporter = CleansedReporter(RequestFactory().get("/"), *sys.exc_info())
        return reporter.get_traceback_html() if kind == "html" else reporter.get_traceback_text()
    raise AssertionError


@pytest.mark.parametrize("kind", ["html", "text"])
@pytest.mark.parametrize("debug", [True, False])
def test_no_error_report_shows_one(settings: Settings, kind: str, debug: bool) -> None:
    settings.DEBUG, settings.REDIS_URL, settings.MONGODB_URI = debug, URL, f"mongodb://u:{PASSWORD}@h/x"
    report = _report(kind)
    assert "ConnectionError" in report
    assert "hunter2" not in report
    request = RequestFactory().get("/")
    assert issubclass(get_exception_reporter_class(request), CleansedReporter)  # type: ignore[arg-type]


def test_no_log_line_and_no_traceback_has_one_whoever_handles_it() -> None:
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    logger = logging.getLogger("some.library")
    logger.addHandler(handler)
    try:
        logger.warning("connecting to %s", URL)
        try:
            raise ValueError(URL)
        except ValueError:
            logger.exception("failed: %s", {"password": "hunter2!x"})
    finally:
        logger.removeHandler(handler)
    assert "connecting to redis://********@10.0.0.1" in output.getvalue()
    assert "ValueError" in output.getvalue()
    assert "hunter2" not in output.getvalue()


def test_a_wrong_log_call_is_still_reported_by_its_handler(caplog: pytest.LogCaptureFixture) -> None:
    record = logging.getLogger("some.library").makeRecord("x", 30, "f", 1, "%d", ("not a number",), None)
    with pytest.raises(TypeError):
        record.getMessage()


@given(password=st.text(st.characters(exclude_characters="/@:", exclude_categories=["Z", "C"]), min_size=4))
def test_any_password_of_an_address_is_hidden(password: str) -> None:
    text = f"see mongodb+srv://someone:{password}@db.example/chat?x=1 for more"
    assert cleanse(text) == "see mongodb+srv://********@db.example/chat?x=1 for more"


@pytest.mark.parametrize("text", ["https://chat.example/@ann", "a://b", "mail me@here.example", "x://y z@w", ""])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert cleanse(text) == text


def test_a_password_of_a_layers_options_is_hidden() -> None:
    hide(['{"hosts": [{"sentinels": [["10.0.0.1", 26379]], "password": "sentinel-secret"}]}'])
    assert cleanse("refused: sentinel-secret") == "refused: ********"


def test_a_short_password_does_not_blacken_the_page() -> None:
    before = set(cleansing._secrets)
    hide(["redis://:abc@h"])
    assert cleansing._secrets == before


def test_a_process_that_ends_with_an_error_does_not_print_one() -> None:
    code = f"import django; django.setup(); raise ValueError({URL!r}, 'hunter2!x', 'a-secret-key')"
    environment = {**os.environ, **NO_ENGINES, "REDIS_URL": URL, "SECRET_KEY": "a-secret-key"}
    environment["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert "ValueError" in ended.stderr
    assert "hunter2" not in ended.stderr
    assert "ValueError: ('redis://********@10.0.0.1:6379/0', '********', '********')" in ended.stderr
