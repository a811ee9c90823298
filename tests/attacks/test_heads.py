"""What a head or a form can do to the libraries that parse it: cost time, or raise what nobody expects."""

from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.test import RequestFactory

from chatproject.chunked import content_length
from chatproject.django_handler import Request
from foundation import uploaded_files
from foundation.api import exception_handler
from foundation.cookies import parse_cookies
from tests.cpu_time import cpu_seconds
from web.forms import redirect_back
from web.shell import safe_path

pytestmark = pytest.mark.unit


def _request(body: bytes = b"", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    raw += [(b"content-length", str(len(body)).encode())]
    return Request({"method": "POST", "path": "/", "query_string": b"", "headers": raw}, BytesIO(body))


@pytest.mark.parametrize("value", ["\\" * 60_000, "\\101" * 15_000], ids=["backslashes", "octal"])
def test_a_quoted_cookie_is_parsed_in_no_time(value: str) -> None:
    request = _request(cookie=f'a=b; __session="{value}"; c=d')
    assert cpu_seconds(lambda: request.COOKIES, times=1) < 0.01
    cookies = request.COOKIES
    assert (cookies["a"], cookies["c"]) == ("b", "d")


def test_cookies_are_as_they_came() -> None:
    assert parse_cookies('a=1; b = "x y" ;; c; =d; e=f=g; a=2') == {"a": "2", "b": '"x y"', "": "d", "e": "f=g"}
    assert parse_cookies("") == {}


BROKEN = ("text/html; a*=nothing''x", "text/html; a*0=b; a*=c", "text/html; a*" + "9" * 5_000 + "=x")


@pytest.mark.parametrize("kind", BROKEN)
def test_an_encoded_parameter_of_a_media_type_is_left_out(kind: str) -> None:
    request = _request(content_type=f"{kind}; b=c", accept=kind)
    assert (request.content_type, request.content_params) == ("text/html", {"b": "c"})
    assert request.META["HTTP_ACCEPT"] == "text/html"


@pytest.mark.parametrize("charset", ["zlib", "utf-16", "idna", "nothing"])
def test_a_form_is_utf_8_whatever_it_says(charset: str) -> None:
    request = _request(b"a=%C3%A9", content_type=f"application/x-www-form-urlencoded; charset={charset}")
    assert request.POST["a"] == "é"


PART = b"--b\r\nContent-Disposition: form-data; name=file; filename=%b\r\n\r\nx\r\n--b--\r\n"


@pytest.mark.parametrize("name", [b"x; a*=''b; a*0=c", b"x; filename*0=y; filename*=utf-8''z"])
def test_a_part_whose_head_is_broken_is_the_clients_fault(name: bytes) -> None:
    request = _request(PART % name, content_type="multipart/form-data; boundary=b")
    with pytest.raises(MultiPartParserError):
        _ = request.POST


def test_a_file_of_any_name_is_received() -> None:
    request = _request(PART % (b"x." + b"y" * 700), content_type="multipart/form-data; boundary=b")
    with request.FILES["file"] as file:  # type: ignore[union-attr] # there is one
        assert file.read() == b"x"
        assert str(file.name).endswith("y" * 200)


def test_the_file_in_which_parsing_failed_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []

    def fail(handler: Any, *args: Any) -> None:
        opened.append(handler.file)
        raise RequestDataTooBig

    monkeypatch.setattr(uploaded_files._TemporaryFiles, "receive_data_chunk", fail)
    request = _request(PART % b"a.txt", content_type="multipart/form-data; boundary=b")
    with pytest.raises(RequestDataTooBig):
        _ = request.POST
    assert [file.closed for file in opened] == [True]


def test_a_body_whose_client_has_hung_up_cannot_be_read() -> None:
    """Django closes it when the client goes, also while the request waits for its turn in a thread."""
    for headers in ({"content_type": "application/json"}, {"content_type": "multipart/form-data; boundary=b"}):
        request = _request(PART % b"a.txt", **headers)
        request._stream.close()
        with pytest.raises((UnreadablePostError, MultiPartParserError)):
            _ = request.body if "json" in headers["content_type"] else request.POST
    request = _request(PART % b"a.txt", content_type="application/json")
    del request.META["CONTENT_LENGTH"]
    request._stream.close()
    content_length(lambda _: HttpResponse())(request)
    assert "CONTENT_LENGTH" not in request.META
    response = exception_handler(UnreadablePostError(), {})
    assert response is not None
    assert response.status_code == 400


@pytest.mark.parametrize("target", ["//" + "é" * 450_000, "/" * 900_000, "/" + "x" * 2_000])
def test_where_to_go_is_a_path_of_a_fair_length(target: str) -> None:
    assert safe_path(target) == "/"
    assert cpu_seconds(lambda: safe_path(target)) < 0.01


@pytest.mark.parametrize(
    "referer",
    [
        "http://[/groups/g",
        "http://testserver:x/groups/g",
        "http://elsewhere/groups/g/threads/x",
        "http://testserver/groups/g?" + "x" * 20_000,
    ],
)
def test_where_a_form_was_may_be_anything(referer: str) -> None:
    request = RequestFactory().post("/groups/g/read", headers={"Referer": referer})
    assert redirect_back(request, "g").headers["Location"] == "/groups/g"


def test_a_form_leads_back_to_where_it_was() -> None:
    request = RequestFactory().post(
        "/groups/g/read", headers={"Referer": "http://testserver/groups/g/threads/g.1?before=9"}
    )
    assert redirect_back(request, "g").headers["Location"] == "/groups/g/threads/g.1?before=9"
