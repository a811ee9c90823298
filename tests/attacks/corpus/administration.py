"""Hostile requests to the pages of reports, notices, the audit log and the workspace."""

from collections.abc import Iterator

from . import pages as of_pages
from .requests import Request

_PERSON = "/workspace/people/x"
FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/groups/$group/messages/$message/report", {"reason": "spam", "text": "x"}),
    ("/people/$user/report", {"reason": "spam", "text": "x"}),
    ("/reports/case_1/decide", {"decision": "keep", "note": "x", "warning": "x"}),
    ("/notices/notice_1/read", {"anything": "x"}),
    (
        "/workspace/settings",
        {"name": "x", "makeGroups": "everyone", "invitePeople": "admins", "uploadFiles": "members"},
    ),
    ("/workspace/invite", {"role": "guest", "uses": "1", "days": "7", "note": "x"}),
    ("/workspace/logo", {"file": "x"}),
    ("/workspace/logo/remove", {"anything": "x"}),
    (f"{_PERSON}/role", {"role": "member"}),
    (f"{_PERSON}/deactivate", {"anything": "x"}),
    (f"{_PERSON}/reactivate", {"anything": "x"}),
    (f"{_PERSON}/remove", {"name": "x"}),
)
PAGES = (
    "/audit?act=",
    "/audit?about=",
    "/audit?before=",
    "/audit?cursor=",
    "/reports?state=",
    "/reports?cursor=",
    "/reports/case_1?x=",
    "/notices?x=",
    "/workspace?cursor=",
    "/people/$user/report?x=",
    "/groups/$group/messages/$message/report?x=",
)


def forms() -> Iterator[Request]:
    yield from of_pages.fields(FORMS)


def pages() -> Iterator[Request]:
    yield from of_pages.with_queries(PAGES)
