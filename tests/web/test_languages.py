"""Which language a page has, over plain HTTP: what is asked for, what is chosen, and that the API stays as it is."""

from collections.abc import Iterator

import httpx
import pytest

from .serving import Server
from .signing_in import csrf, sign_in

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.8"}


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as client:
        yield client


def choose(client: httpx.Client, language: str, next_path: str = "/sign-in") -> httpx.Response:
    return client.post("/language", data={"language": language, "next": next_path, **csrf(client)})


def test_who_asks_for_nothing_gets_english(client: httpx.Client) -> None:
    response = client.get("/sign-in")
    assert '<html lang="en" dir="ltr">' in response.text
    assert "Your name" in response.text
    assert "/static/web/texts/" not in response.text


def test_a_browser_gets_its_own_language_without_signing_in(client: httpx.Client) -> None:
    response = client.get("/sign-in", headers=GERMAN)
    assert response.headers["content-language"] == "de"
    assert "Accept-Language" in response.headers["vary"]
    assert "Cookie" in response.headers["vary"]
    assert '<html lang="de" dir="ltr">' in response.text
    assert "Dein Name" in response.text
    assert "Your name" not in response.text


def test_a_language_that_is_read_from_right_to_left(client: httpx.Client) -> None:
    assert '<html lang="ar" dir="rtl">' in client.get("/sign-in", headers={"Accept-Language": "ar-EG"}).text


@pytest.mark.parametrize(
    "asked",
    ["fr", "xx-YY", "*", "", "../../etc/passwd", "de\u00e9", "en-" + "x" * 4000, ",".join(["fr-x"] * 900)],
    ids=["another", "none", "any", "empty", "path", "not ascii", "long", "many"],
)
def test_what_is_no_language_of_the_chat_is_english(client: httpx.Client, asked: str) -> None:
    response = client.get("/sign-in", headers=httpx.Headers({b"Accept-Language": asked.encode()}))
    assert response.status_code == 200
    assert '<html lang="en"' in response.text


def test_what_is_chosen_goes_before_what_the_browser_asks_for(client: httpx.Client) -> None:
    response = choose(client, "ar")
    assert response.headers["location"] == "/sign-in"
    cookie = next(line for line in response.headers.get_list("set-cookie") if line.startswith("language="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert '<html lang="ar"' in client.get("/sign-in", headers=GERMAN).text


@pytest.mark.parametrize("language", ["fr", "", "de/../x", "DE", "x" * 5000])
def test_another_language_cannot_be_chosen(client: httpx.Client, language: str) -> None:
    response = choose(client, language)
    assert response.status_code == 400
    assert "Choose one of the languages." in response.text
    assert "language" not in response.cookies


@pytest.mark.parametrize("cookie", ["fr", "../de", "%00", "d" * 3000])
def test_a_cookie_with_another_language_is_passed_over(client: httpx.Client, cookie: str) -> None:
    response = client.get("/sign-in", headers={"Cookie": f"language={cookie}", **GERMAN})
    assert '<html lang="de"' in response.text


def test_choosing_a_language_redirects_only_within_this_server(client: httpx.Client) -> None:
    assert choose(client, "de", "//evil.example").headers["location"] == "/"


def test_what_a_service_refuses_is_said_in_the_page_s_language(client: httpx.Client) -> None:
    client.headers.update(GERMAN)
    response = sign_in(client, " \u200b ")
    assert response.status_code == 400
    assert "Gib einen Namen ein." in response.text
    assert "Ein Name hat höchstens 64 Zeichen." in sign_in(client, "x" * 81).text


def test_an_error_page_is_in_the_page_s_language(client: httpx.Client) -> None:
    sign_in(client, "Dora")
    response = client.get("/groups/group_x", headers=GERMAN)
    assert response.status_code == 404
    assert "Das gibt es nicht, oder es ist nicht für dich bestimmt." in response.text


def test_the_api_is_in_english_whoever_reads_it(client: httpx.Client) -> None:
    """Also after a page has had the same validator say it in German: it keeps the first sentence that it makes."""
    client.headers.update(GERMAN)
    sign_in(client, "Dora")
    page = client.post("/profile", data={"title": "x" * 101, **csrf(client, "/profile")})
    assert "höchstens 100 Zeichen" in page.text
    error = client.patch(
        "/api/users/me", json={"title": "x" * 101}, headers={"X-CSRFToken": client.cookies["csrftoken"]}
    ).json()["error"]
    assert error["message"] == "Some fields are not valid."
    assert error["fields"] == {"title": ["Ensure this field has no more than 100 characters."]}


def test_figures_of_a_page_are_the_script_s_in_any_language(client: httpx.Client) -> None:
    """A decimal comma would be none to it."""
    client.headers.update(GERMAN)
    sign_in(client, "Dora")
    page = client.get("/?list").text
    assert "Hallo, Dora" in page
    assert 'data-max-file="3000000"' in page
    assert 'data-max-content="10000"' in page
