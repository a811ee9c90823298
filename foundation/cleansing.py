"""Removes the passwords of engines from texts that are shown or logged: debug pages, log lines, tracebacks."""

import logging
import re
from collections.abc import Iterable
from html import escape
from typing import Any
from urllib.parse import unquote

HIDDEN = "********"
# What stands between `scheme://` and `@`. A password in an address has neither `/` nor `@`: they are escaped in it.
_CREDENTIALS = re.compile(r"(\b[a-z][a-z0-9+.-]{0,20}://)[^\s/@]{1,2000}@", re.IGNORECASE)
_PASSWORD = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://[^\s/@:]*:([^\s/@]+)@", re.IGNORECASE)
# Hiding every "a" of a page would not hide that the password is "a".
_SHORTEST = 4
_secrets: set[str] = set()


def hide(texts: Iterable[str]) -> None:
    """From now on, `cleanse` also hides the passwords of the addresses in these texts where they stand alone."""
    for text in texts:
        for password in _PASSWORD.findall(text):
            forms = (password, unquote(password), escape(unquote(password)))
            _secrets.update(form for form in forms if len(form) >= _SHORTEST)


def cleanse(text: str) -> str:
    """Return the text without credentials in addresses, and without the passwords that were given to `hide`."""
    if "://" in text:
        text = _CREDENTIALS.sub(rf"\1{HIDDEN}@", text)
    for secret in _secrets:
        text = text.replace(secret, HIDDEN)
    return text


def cleanse_logs() -> None:
    """From now on, every log record of this process is cleansed, its traceback included, whatever handles it."""
    make_record = logging.getLogRecordFactory()
    if getattr(make_record, "cleanses", False):
        return
    formatter = logging.Formatter()

    def make_cleansed(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make_record(*args, **kwargs)
        message = _message(record)
        cleansed = cleanse(message)
        if cleansed != message:
            record.msg, record.args = cleansed, None
        if record.exc_info and record.exc_info[0]:
            # Formatters use it instead of formatting the exception themselves.
            record.exc_text = cleanse(formatter.formatException(record.exc_info))
        return record

    make_cleansed.cleanses = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make_cleansed)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return ""  # the handler reports the wrong arguments
