"""Removes the passwords of engines from texts that are shown or logged: debug pages, log lines, tracebacks."""

import logging
import re
import sys
import traceback
from collections.abc import Iterable
from html import escape
from typing import Any
from urllib.parse import unquote

HIDDEN = "********"
# What stands between `scheme://` and `@`. A password in an address has neither `/` nor `@`: they are escaped in it.
_CREDENTIALS = re.compile(r"(\b[a-z][a-z0-9+.-]{0,20}://)[^\s/@]{1,2000}@", re.IGNORECASE)
_PASSWORD = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://[^\s/@:]*:([^\s/@]+)@", re.IGNORECASE)
_PASSWORD_FIELD = re.compile(r'"\w*password": "([^"]+)"', re.IGNORECASE)
# Hiding every "a" of a page would not hide that the password is "a".
_SHORTEST = 4
# Longer than the keys of engines for trials, which are words.
_SHORTEST_SECRET = 8
_secrets: set[str] = set()


def hide(texts: Iterable[str], *, secrets: Iterable[str] = ()) -> None:
    """From now on, `cleanse` also hides `secrets`, and the passwords in `texts` (in addresses, in JSON) themselves."""
    _secrets.update(secret for secret in secrets if len(secret) > _SHORTEST_SECRET)
    for text in texts:
        for password in _PASSWORD.findall(text) + _PASSWORD_FIELD.findall(text):
            forms = (password, unquote(password), escape(unquote(password)))
            _secrets.update(form for form in forms if len(form) >= _SHORTEST)


def cleanse(text: str) -> str:
    """Return the text without credentials in addresses, and without the passwords that were given to `hide`."""
    if "://" in text:
        text = _CREDENTIALS.sub(rf"\1{HIDDEN}@", text)
    for secret in _secrets:
        text = text.replace(secret, HIDDEN)
    return text


def cleanse_tracebacks() -> None:
    """From now on, the traceback with which this process ends is cleansed."""

    def print_cleansed(*error: Any) -> None:
        sys.stderr.write(cleanse("".join(traceback.format_exception(*error))))

    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = print_cleansed


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
