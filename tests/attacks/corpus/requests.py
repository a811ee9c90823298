"""Hostile requests: addresses, headers and methods; and what a request of the corpus is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# A CSRF token without a mask: form and cookie may carry the same.
CSRF = "c" * 32


@dataclass(frozen=True)
class Request:
    """A request as bytes are made of it; `$group` and the like in path and body stand for what is there.

    `headers` come beside those of a good request, and replace those of the same name; None leaves one out. One that
    `hangs_up` has an end that never comes: its client closes its side instead, and may get no answer.
    """

    title: str
    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str | None] = field(default_factory=dict)
    hangs_up: bool = False

    def raw(self, names: Mapping[str, str]) -> bytes:
        """Return its bytes, with these names filled in."""
        headers: dict[str, str | None] = {"Host": "127.0.0.1", "Connection": "close", "Cookie": names["$cookie"]}
        if self.body or self.method not in ("GET", "HEAD"):
            headers["Content-Length"] = str(len(_filled(self.body, names)))
        replaced = {name.lower() for name in self.headers}
        kept = {name: value for name, value in headers.items() if name.lower() not in replaced}
        lines = [f"{name}: {value}" for name, value in {**kept, **self.headers}.items() if value is not None]
        head = "\r\n".join([f"{self.method} {self.path} HTTP/1.1", *lines]).encode("latin-1", "replace")
        return _filled(head, names) + b"\r\n\r\n" + _filled(self.body, names)


def _filled(text: bytes, names: Mapping[str, str]) -> bytes:
    for name, value in names.items():
        text = text.replace(name.encode(), value.encode())
    return text


QUERIES: dict[str, str] = {
    "a long search": "/api/users?search=" + "x" * 20_000,
    "a long cursor": "/api/groups?cursor=" + "A" * 20_000,
    "a long number": "/api/messages?groupId=g&limit=" + "9" * 5_000,
    "many parameters": "/api/users?" + "&".join(f"a{n}=" for n in range(2_000)),
    "the same parameter": "/api/users?" + "&".join(["search=x"] * 2_000),
    "a long path": "/api/messages/" + "x" * 20_000,
    "many slashes": "/x" + "/" * 20_000,
    "escapes": "/api/files/" + "%00" * 5_000,
    "a thumbnail without end": "/api/files/x/thumbnails/" + "9" * 5_000,
    "a kind of files": "/api/files?groupId=g&type=" + "(a*)*" * 4_000,
    "half an escape": "/api/users?search=%",
    "other bytes": "/api/users?search=" + "%ff" * 5_000,
    "a sid": "/socket.io/?EIO=4&transport=polling&sid=" + "s" * 20_000,
    "sids": "/socket.io/?EIO=4&transport=polling" + "&sid=x" * 9_000,
    "parameters of a session": "/socket.io/?" + "&".join(f"a{n}" for n in range(9_000)),
    "a page": "/groups/" + "g" * 20_000 + "?before=" + "9" * 5_000,
    "a page's cursor": "/?list&cursor=" + "A" * 20_000,
    "an inbox's cursor": "/api/inbox?cursor=" + "A" * 20_000,
    "words to search for without end": "/api/search?q=" + "a+" * 10_000,
    "operators without end": "/api/search?q=" + "from:me+" * 2_500,
    "a search's cursor": "/api/search?q=ab&cursor=" + "A" * 20_000,
    "why of nothing": "/api/notifications/why?messageId=" + "." * 20_000,
    "a plan for nothing": "/groups/" + "." * 9_000 + "/planned/new",
    "a reminder of nothing": "/groups/$group/messages/%00/remind/when",
    "a page's cursor of an inbox": "/inbox?cursor=" + "%00" * 9_000,
    "a cursor of threads": "/threads?cursor=" + "A" * 2_000,
    "a page's parameters": "/?list&" + "&" * 60_000,
    "a place of a page": "/groups/$group?before=%D9%A1",
    "a negative place": "/groups/$group?before=-1",
    "a place past all": "/groups/$group?before=1e999",
    "places": "/groups/$group?" + "before=1&" * 900,
    "a place around nothing": "/groups/$group?around=" + "." * 20_000,
    "places in one page": "/groups/$group?around=unread&after=1",
    "a message past all": "/groups/$group/messages/" + "9" * 5_000,
    "a message of another script": "/groups/$group/messages/%D9%A1",
    "a quote of nothing": "/groups/$group/messages/%00/quote",
    "a quote of another group": "/groups/x/messages/$message/quote",
    "saved messages after a cursor": "/saved?cursor=" + "AAAA" * 5_000,
    "saved messages after a cursor of one part": "/saved?cursor=eA",
    "members after a cursor": "/groups/$group/members?cursor=" + "%ED%A0%80" * 5_000,
    "groups after a cursor": "/directory?cursor=" + "AAAA" * 5_000,
    "groups after a cursor of NULs": "/api/groups/directory?q=a&cursor=AAAA",
    "groups that are called so": "/directory?q=" + "%EF%B7%BA" * 5_000,
    "groups that are called nothing": "/api/groups/directory?q=%E2%A0%80%00",
    "a thread of nothing": "/groups/$group/threads/" + "." * 20_000,
    "a thread of another group": "/groups/x/threads/$message?before=%00",
    "a reaction to nothing": "/groups/$group/messages/%F0%9F%98%80.1/reaction",
    "a form of nothing": "/groups/$group/messages/%0d%0a/edit",
    "a group of line breaks": "/groups/%0d%0aSet-Cookie:x=y/rejoin",
    "a long way to come back": "/groups/" + "%C3%A9" * 8_000 + "/rejoin",
    "a next page": "/sign-in?next=" + "/" * 60_000,
    "a next page elsewhere": "/sign-in?next=//" + "%C3%A9" * 9_000,
    "a next page with line breaks": "/sign-in?next=/%0d%0aa:b",
    "a file of the system": "/static/../../../../etc/passwd",
    "a static file of the system": "/static/%2e%2e/%2e%2e/manage.py",
    "a static file without end": "/static/" + "a/" * 30_000,
    "a static file of NULs": "/static/%00",
    "a description": "/api/schema?format=" + "x" * 60_000,
    "a description in a language": "/api/schema?lang=" + "../" * 9_000,
    "documentation": "/api/docs?" + "url=javascript:alert(1)&" * 2_000,
    "events": "/api/events?" + "&" * 60_000,
    "an address": "//evil.example/" + "x" * 20_000,
    "another address": "http://evil.example/",
    "no path": "*",
}

# Each header of a request, with what no honest client sends in it.
HEADERS: dict[str, tuple[str, ...]] = {
    "Accept": (
        "a/b," * 15_000,
        "text/html;q=" + "0" * 60_000,
        "text/html" + ";a=b" * 15_000,
        "*/*;q=x",
        "text/html; a*0=b; a*=c",
        "text/html;" + "*" * 8_000,
        ",",
        "a" * 60_000,
        "text/html;" + '"\\' * 20_000,
    ),
    "Accept-Encoding": ("gzip," * 12_000, "gzip;q=1e999"),
    "Accept-Language": ("a-" * 30_000, "en," * 20_000, "\u00ff"),
    "Authorization": ("Bearer " + "x" * 60_000, "Bearer", "Bearer a.b.c", "Basic =", "bearer  x y z", " " * 60_000),
    "Content-Type": (
        "application/json; charset=" + "x" * 60_000,
        "application/json" + ";a=b" * 15_000,
        "multipart/form-data; boundary=" + "=" * 60_000,
        '"' * 60_000,
        "/",
        "application/json; a*=nothing''x",
        "application/json; a*=utf-8''%ff; a*0=b; a*1=c",
        "application/json; a*" + "9" * 5_000 + "=x; a*0*=''y",
        "application/json; charset*=zlib''x",
        'application/json; a="' + '\\"' * 3_000,
        "application/json" + ';"' * 3_000,
        "application/x-www-form-urlencoded; charset=\u00ff",
        "\u00ff/\u00ff; charset=\u00ff",
    ),
    "Cookie": (
        "a=b;" * 16_000,
        ";" * 64_000,
        "=" * 64_000,
        '__session="' + "\\" * 60_000 + '"',
        '__session="' + "\\101" * 15_000 + '"',
        'a={"x":1}; __session=x',
        "__session=" + "x" * 60_000,
        "__session=a.b.c; " * 3_000,
        "__session=\u00ff; csrftoken=\u00ff",
        "csrftoken=" + "c" * 60_000,
    ),
    "Expect": ("100-continue", "x" * 60_000),
    "Host": ("x", "", "127.0.0.1:99999999", "[::1", "127.0.0.1:", "a" * 60_000, "\u00ff", "." * 60_000, "127.0.0.1@x"),
    "If-Match": ('"x",' * 15_000,),
    "If-Modified-Since": ("x" * 60_000, "Mon, 99 Jan 99999 99:99:99 GMT"),
    "If-None-Match": ('"x",' * 15_000, 'W/"' * 20_000, "*" * 60_000),
    "Origin": ("null", "http://" + "x" * 60_000, "http://[", "\u00ff", ""),
    "Range": ("bytes=" + "0-1," * 15_000, "bytes=-" + "9" * 60_000, "bytes=9" + "9" * 5_000 + "-", "bytes=\u0661-"),
    "Referer": (
        "http://127.0.0.1/groups/$group?" + "x" * 60_000,
        "http://127.0.0.1/groups/$group?\u00ff",
        "http://[/groups/$group",
        "http://127.0.0.1:x/groups/$group",
        "\u00ff" * 60_000,
    ),
    "Transfer-Encoding": ("x", "identity", "gzip, chunked", "chunked, chunked"),
    "Upgrade": ("h2c", "websocket", "x" * 60_000),
    "X-CSRFToken": ("x" * 60_000, "\u00ff"),
    "X-Forwarded-For": ("127.0.0.1," * 6_000, "x" * 60_000, "\u00ff"),
    "X-Forwarded-Host": ("x" * 60_000,),
    "X-HTTP-Method-Override": ("DELETE", "x" * 60_000),
}
METHODS = ("BREW", "get", "TRACE", "OPTIONS", "PUT", "PATCH", "DELETE", "HEAD", "PROPFIND", "M-SEARCH", "X" * 60_000)
# One address of each kind of door.
DOORS: tuple[tuple[str, str, bytes], ...] = (
    ("GET", "/groups/$group", b""),
    ("POST", "/groups/$group/messages", f"csrfmiddlewaretoken={CSRF}&content=x".encode()),
    ("POST", "/groups/$group/messages/$message/reaction/add", f"csrfmiddlewaretoken={CSRF}&emoji=x".encode()),
    ("GET", "/api/groups", b""),
    ("GET", "/api/groups?search=x", b""),
    ("POST", "/api/messages", b'{"groupId":"$group","content":"x"}'),
    ("GET", "/api/files/$file", b""),
    ("GET", "/api/docs", b""),
    ("GET", "/static/web/css/base.css", b""),
    ("GET", "/socket.io/?EIO=4&transport=polling", b""),
)


def addresses() -> Iterator[Request]:
    for title, path in QUERIES.items():
        yield Request(title, "GET", path)


def headers() -> Iterator[Request]:
    for method, path, body in DOORS:
        kind = "application/json" if "/api/" in path else "application/x-www-form-urlencoded"
        good = {"Content-Type": kind, "X-CSRFToken": CSRF} if body else {}
        for name, values in HEADERS.items():
            for number, value in enumerate(values):
                title = f"{method} {path}, {name} {number}: {value[:20]}"
                rest = {each: text for each, text in good.items() if each != name}
                # With none of these encodings does the body have an end.
                yield Request(title, method, path, body, {**rest, name: value}, hangs_up=name == "Transfer-Encoding")
        for other in METHODS:
            yield Request(f"{other[:20]} {path}", other, path, body, good)
