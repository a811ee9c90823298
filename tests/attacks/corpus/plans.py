"""Hostile requests about what people have planned, and to search."""

from collections.abc import Iterator

from . import pages as of_pages
from .requests import Request

_MESSAGE, _AT = "/groups/$group/messages/$message", {"at": "$tomorrow", "timeZone": "UTC"}
FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/groups/$group/planned", {"content": "x", "parentId": "$message", **_AT}),
    ("/planned/x/change", {"content": "x", "ifVersion": "1", **_AT}),
    ("/planned/x/cancel", {"anything": "x"}),
    (f"{_MESSAGE}/remind", _AT),
    (f"{_MESSAGE}/remind", {"when": "1_hour", "timeZone": "UTC"}),
    ("/reminders/x/cancel", {"anything": "x"}),
)
PAGES = (
    "/planned?x=",
    "/groups/$group/planned/new?x=",
    f"{_MESSAGE}/remind/when?x=",
    "/search?q=",
    "/search?q=ab&cursor=",
    "/search?q=ab&order=",
    "/search?q=ab+in:",
    "/search?q=ab+from:",
    "/search?q=ab+before:",
    "/search?q=has:",
    "/api/search?q=",
    "/api/search?q=-",
    "/api/search?q=ab&cursor=",
    "/api/search?q=ab&order=",
    "/api/search?q=ab&order=best&cursor=",
    "/api/search?q=ab&limit=",
    "/api/search?q=ab&render=",
    "/api/reminders?render=",
    "/api/scheduled?x=",
    "/api/notifications/settings?x=",
    "/api/notifications/devices?x=",
    "/api/notifications/why?messageId=",
)
# What has no body, and an id in its address.
_REMOVED = ("/api/scheduled/", "/api/reminders/", "/api/notifications/devices/")


def forms() -> Iterator[Request]:
    yield from of_pages.fields(FORMS)


def pages() -> Iterator[Request]:
    yield from of_pages.with_queries(PAGES)


def requests() -> Iterator[Request]:
    """Yield requests to the API that are no reads; those with a body are in the tables of bad input."""
    yield Request("POST /api/notifications/test", "POST", "/api/notifications/test", b"x" * 900_000)
    for path in _REMOVED:
        for title, value in of_pages.FIELD_VALUES.items():
            if len(value) < 5_000:
                yield Request(f"DELETE {path}{title}", "DELETE", f"{path}{value.replace(' ', '+')}")
