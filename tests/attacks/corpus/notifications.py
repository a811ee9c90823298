"""Hostile requests to the pages of notifications."""

from collections.abc import Iterator

from . import pages as of_pages
from .requests import Request

FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/notifications/save", {"push": "true", "quietFrom": "22:00", "quietUntil": "07:00"}),
    ("/notifications/devices/remove", {"deviceId": "x"}),
    ("/notifications/test", {"anything": "x"}),
)
PAGES = ("/notifications?x=", "/service-worker.js?x=", "/groups/$group/messages/$message/why?x=")


def forms() -> Iterator[Request]:
    yield from of_pages.fields(FORMS)


def pages() -> Iterator[Request]:
    yield from of_pages.with_queries(PAGES)
