"""Hostile forms of the web chat: each field of each, and forms that are wrong as a whole."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .requests import CSRF, Request

_MESSAGE = "/groups/$group/messages/$message"
# Each form with good fields. One that takes a person by id or by name is there twice.
FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/groups", {"name": "Harbour", "clientId": "c"}),
    ("/direct", {"userId": "$user"}),
    ("/direct", {"name": "Bob", "cursor": ""}),
    ("/groups/$group/members/add", {"userId": "$user"}),
    ("/groups/$group/members/add", {"name": "Bob", "cursor": ""}),
    ("/groups/$group/members/remove", {"userId": "x"}),
    ("/groups/$group/members/role", {"userId": "x", "role": "member"}),
    ("/groups/$other/leave", {"anything": "x"}),
    ("/groups/$other/rejoin", {"anything": "x"}),
    ("/groups/$group/rename", {"name": "Harbour"}),
    ("/groups/$group/settings", {"name": "Harbour", "topic": "x", "description": "x", "before-topic": ""}),
    ("/groups/$group/settings/rules", {"visibility": "private", "post": "everyone", "mentionAll": "everyone"}),
    ("/groups/$group/settings/archive", {"archived": "false"}),
    ("/groups/$group/join", {"anything": "x"}),
    ("/groups/$group/invitations/make", {"uses": "1", "days": "7", "note": "x"}),
    ("/groups/$group/invitations/invite_1/revoke", {"anything": "x"}),
    ("/groups/$group/invitations/withdraw", {"userId": "$user"}),
    ("/invite", {"link": "$group~invite_1.x"}),
    ("/invitations/$other/decline", {"anything": "x"}),
    ("/profile/privacy", {"addableBy": "everyone"}),
    ("/settings", {"theme": "system", "enterKey": "auto", "language": "en"}),
    ("/groups/$group/messages/$other/delete", {"anything": "x"}),
    ("/groups/$group/read", {"seq": "1"}),
    ("/groups/$group/preview", {"content": "*x*", "parentId": ""}),
    ("/groups/$group/preview", {"content": "*x*", "part": "1"}),
    ("/groups/$group/command", {"content": "/topic x", "clientId": "c", "timeZone": "UTC"}),
    ("/groups/$group/command", {"content": "/remind x tomorrow", "clientId": "c", "timeZone": "UTC"}),
    (f"{_MESSAGE}/reaction/add", {"emoji": "👍"}),
    (f"{_MESSAGE}/reaction/remove", {"emoji": "👍"}),
    (f"{_MESSAGE}/pin", {"action": "add"}),
    (f"{_MESSAGE}/saved", {"action": "add", "list": ""}),
    (f"{_MESSAGE}/forward", {"groupId": "$group", "content": "x", "clientId": "f"}),
    ("/sign-in", {"name": "Alice", "next": "/"}),
    ("/language", {"language": "de", "next": "/"}),
    (f"{_MESSAGE}/unread", {}),
    ("/inbox/read", {"itemIds": "x"}),
    ("/inbox/read?kind=mention", {"itemIds": "x"}),
    ("/unread/read", {"places": "$group:1"}),
    ("/groups/$group/threads/$message/follow", {}),
    ("/groups/$group/threads/$message/unfollow", {}),
    ("/groups/$group/threads/$message/read", {"seq": "1"}),
    ("/profile", {"name": "Alice", "handle": "", "title": "x", "timeZone": "UTC"}),
    ("/profile/status", {"emoji": "👍", "text": "x", "minutes": "30"}),
    ("/profile/status/clear", {}),
    ("/profile/picture", {"file": "x", "left": "0", "top": "0", "side": "9"}),
    ("/profile/picture/remove", {}),
    ("/groups/$group/me", {"level": "all", "mute": "60", "newSection": "x"}),
    ("/groups/$group/me", {"favourite": "true", "sectionId": ""}),
    ("/groups/$group/picture", {"file": "x", "left": "0", "top": "0", "side": "9"}),
    ("/groups/$group/picture/remove", {}),
    ("/groups/$other/delete", {"name": "another"}),
    ("/sections/change", {"act": "add", "id": "", "name": "x", "version": "1"}),
    ("/teams", {"name": "Design", "handle": "design", "description": "x"}),
    ("/teams/team:x/change", {"name": "Design", "handle": "design", "description": "x"}),
    ("/teams/team:x/delete", {}),
    ("/teams/team:x/add", {"name": "Bob"}),
    ("/teams/team:x/add", {"userId": "$user"}),
    ("/teams/team:x/remove", {"userId": "x"}),
    ("/teams/team:x/role", {"userId": "x", "role": "manager"}),
    ("/profile/blocked/add", {"userId": "x"}),
    ("/profile/blocked/remove", {"userId": "x"}),
    ("/status", {"token": "x"}),
    ("/status", {"forget": ""}),
    # Last: a page that shows a form again has all that was sent.
    ("/groups/$group/messages", {"content": "x", "parentId": "", "clientId": "c", "after": "0"}),
    ("/groups/$group/messages", {"content": "x", "parentId": "$message", "clientId": "d", "alsoToGroup": "true"}),
    ("/groups/$group/messages?files", {"content": "x", "attachments": "file_1", "file": "x"}),
    (f"{_MESSAGE}/edit", {"content": "x", "ifVersion": "1"}),
)
# What is shown, without what QUERIES have.
PAGES = (
    *("/", "/?list", "/groups/$group", "/groups/$group/members", "/groups/$group/threads/$message", "/sign-in"),
    *(f"{_MESSAGE}/reaction", f"{_MESSAGE}/edit", f"{_MESSAGE}/history", "/groups/$other/rejoin", "/status"),
    *(f"{_MESSAGE}/quote", f"{_MESSAGE}/forward", "/groups/$group/pins", "/groups/$group/messages/2", "/saved"),
    *("/sections", "/groups/$group/delete", "/settings", "/commands", "/groups/$group/members/$user/owner"),
    *("/teams", "/teams?search=a", "/teams/team:x", "/profile/blocked"),
    *(
        "/search",
        "/search?q=ab",
        "/inbox",
        "/inbox?kind=mention",
        "/unread",
        "/unread?ask",
        "/threads",
        "/people",
        "/people?search=a",
        "/people/$user",
        "/profile",
    ),
    *("/directory", "/directory?q=a", "/groups/$group/settings"),
    *("/direct/new", "/direct/new?with=$user&search=a", "/groups/$group/invitations", "/invite?link=x", "/invitations"),
    *("/api/", "/api/docs", "/api/schema", "/api/events", "/api/asyncapi.json"),
)

# As a form sends them.
FIELD_VALUES: dict[str, str] = {
    "nothing": "",
    "a text without end": "x" * 900_000,
    "quotes without end": "'" * 900_000,
    "markup without end": "<b>" * 300_000,
    "words without end": "a+" * 450_000,
    "spaces without end": "+" * 900_000 + "x",
    "line breaks without end": "%0A" * 60_000 + "x",
    "links without end": "http://a.b/" * 80_000,
    "escapes": "%41" * 60_000,
    "other bytes": "%ff" * 60_000,
    "combining marks": "a" + "%CC%81" * 30_000,
    "letters that grow": "%EF%B7%BA" * 30_000,
    "a NUL": "a%00b",
    "emoji": "%F0%9F%98%80" * 256,
    "half a surrogate pair": "%ED%A0%80",
    "half an escape": "%",
    "a long number": "9" * 5_000,
    "a negative number": "-1",
    "a number past all": "1e999",
    "another script's digits": "%D9%A1",
    "markup": "<script>alert(1)</script>{{7*7}}{%25 debug %25}",
    "line breaks": "a%0D%0ASet-Cookie:+a=b",
    "a path": "../../../etc/passwd",
    "a host": "//evil.example/" + "x" * 20_000,
    "a host without end": "//" + "%C3%A9" * 100_000 + "/",
    "a path without end": "/" * 900_000,
    "an id": "member%23x",
}
FORM_TYPE = "application/x-www-form-urlencoded"
_SENT = f"csrfmiddlewaretoken={CSRF}&content=x&clientId=c"

# Forms that are wrong as a whole: the body, and headers that it comes with.
WHOLE_FORMS: dict[str, tuple[str | bytes, dict[str, str | None]]] = {
    "nothing": ("", {}),
    "no token": ("content=x", {}),
    "a wrong token": ("csrfmiddlewaretoken=" + "d" * 32 + "&content=x", {}),
    "a short token": ("csrfmiddlewaretoken=x&content=x", {}),
    "a token without end": ("csrfmiddlewaretoken=" + "c" * 900_000, {}),
    "a token with a NUL": ("csrfmiddlewaretoken=%00&content=x", {}),
    "a token in other bytes": ("csrfmiddlewaretoken=%ff%fe&content=x", {}),
    "no cookie": (_SENT, {"Cookie": None}),
    "another cookie": (_SENT, {"Cookie": "csrftoken=" + "d" * 32}),
    "a cookie of other bytes": (_SENT, {"Cookie": "csrftoken=\u00ff" * 20}),
    "another site": (_SENT, {"Origin": "https://evil.example"}),
    "many fields": (_SENT + "&a=" * 5_000, {}),
    "separators": ("&" * 900_000, {}),
    "signs": ("=" * 900_000, {}),
    "the same field": (_SENT + "&content=x" * 900, {}),
    "many files' ids": (_SENT + "&attachments=file_1" * 900, {}),
    "long files' ids": (_SENT + ("&attachments=" + "f" * 900) * 900, {}),
    "a name without end": ("n" * 900_000 + "=" + _SENT, {}),
    "over the limit": ("x" * 1_100_000, {}),
    "a charset": (_SENT, {"Content-Type": f"{FORM_TYPE}; charset=zlib"}),
    "a wide charset": (_SENT.encode("utf-16"), {"Content-Type": f"{FORM_TYPE}; charset=utf-16"}),
    "a charset of seven bits": (_SENT + "&content=+AAA-", {"Content-Type": f"{FORM_TYPE}; charset=utf-7"}),
    "an unknown charset": (_SENT, {"Content-Type": f"{FORM_TYPE}; charset=" + "x" * 9_000}),
    "half a charset": (_SENT, {"Content-Type": f'{FORM_TYPE}; charset="'}),
    "a dangerous charset": (_SENT + "&content=" + "%61" * 9_000, {"Content-Type": f"{FORM_TYPE}; charset=idna"}),
    "JSON": ('{"content":"x"}', {"Content-Type": "application/json"}),
    "a text": (_SENT, {"Content-Type": "text/plain"}),
    "no type": (_SENT, {"Content-Type": None}),
    "squeezed": (b"\x1f\x8b" + bytes(900), {"Content-Encoding": "gzip"}),
    "bytes": (bytes(range(256)) * 3_000, {}),
    "a length of letters": (_SENT, {"Content-Length": "x"}),
    "a negative length": (_SENT, {"Content-Length": "-1"}),
    "a length without end": (_SENT, {"Content-Length": "9" * 60}),
    "a length that is too large": (_SENT, {"Content-Length": str(len(_SENT) + 1)}),
    "a length that is too small": (_SENT, {"Content-Length": "40"}),
    "chunks": (b"7\r\na=b&c=d\r\nzz\r\n", {"Content-Length": None, "Transfer-Encoding": "chunked"}),
    "chunks without end": (b"f" * 900_000, {"Content-Length": None, "Transfer-Encoding": "chunked"}),
    "chunks and a length": (b"0\r\n\r\n", {"Transfer-Encoding": "chunked"}),
}
# Signing in would end the session of the cookie, as signing out does.
_NO_SESSION = {"Cookie": f"csrftoken={CSRF}; __session=x"}
_SIGNING_IN = ("/sign-", "/join", "/reset", "/forgotten")
# A key of a table has 2,048 bytes at most.
_LONG_ID = "g" * 3_000
_HANGING = frozenset(("a length without end", "a length that is too large", "chunks", "chunks without end"))


def good_forms(forms: tuple[tuple[str, dict[str, str]], ...] = FORMS) -> Iterator[Request]:
    for path, good in forms:
        yield _form(path, good, "good")


def fields(forms: tuple[tuple[str, dict[str, str]], ...] = FORMS) -> Iterator[Request]:
    yield from good_forms(forms)
    for path, good in forms:
        for name in good:
            for title, value in FIELD_VALUES.items():
                # What is long by any measure is refused in one place.
                if len(value) > 100_000 and name not in ("name", "content", "next", "login", "link"):
                    continue
                yield _form(path, {**good, name: value}, f"{name}: {title}")
            yield _form(path, {each: value for each, value in good.items() if each != name}, f"no {name}")


def _form(path: str, values: dict[str, str], title: str) -> Request:
    body = "&".join(f"{name}={value}" for name, value in {"csrfmiddlewaretoken": CSRF, **values}.items())
    return Request(f"{path} {title}", "POST", path, body.encode(), _headers(path, {}))


def _headers(path: str, headers: dict[str, str | None]) -> dict[str, str | None]:
    return {"Content-Type": FORM_TYPE, **(_NO_SESSION if path.startswith(_SIGNING_IN) else {}), **headers}


def whole_forms() -> Iterator[Request]:
    chat = ("/groups/$group/messages", "/groups/$group/messages/$other/edit", "/direct")
    for path in (*chat, "/sign-in", "/sign-out", "/status"):
        for title, (body, headers) in WHOLE_FORMS.items():
            raw = body.encode() if isinstance(body, str) else body
            hangs_up = title in _HANGING
            yield Request(f"{path}, {title}", "POST", path, raw, _headers(path, headers), hangs_up=hangs_up)


def pages() -> Iterator[Request]:
    for path in PAGES:
        yield Request(f"GET {path}", "GET", path)
        yield Request(f"GET {path} with a body", "GET", path, b"x" * 900_000, {"Content-Type": FORM_TYPE})


def with_long_ids(forms: tuple[tuple[str, dict[str, str]], ...], paths: Iterable[str]) -> Iterator[Request]:
    """Send forms, and ask for pages, of what has an id that no key of a table can have."""
    for request in (*good_forms(forms), *(Request(f"GET {path}", "GET", path) for path in paths)):
        path = request.path.replace("$message", f"{_LONG_ID}.2")
        for name in ("$group", "$other", "$user"):
            path = path.replace(name, _LONG_ID)
        if path != request.path:
            yield replace(request, path=path, title=f"a long id: {request.title}")


def with_queries(paths: tuple[str, ...]) -> Iterator[Request]:
    """Ask for each of the paths, which end in `=`, with hostile values."""
    for path in paths:
        for title, value in FIELD_VALUES.items():
            if len(value) < 5_000:
                yield Request(f"GET {path}{title}", "GET", f"{path}{value.replace(' ', '+')}")
