"""The status page: figures for those who may see them, the same as the API's; the states for everybody else."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from web.status.charts import HEIGHT, WIDTH, Series, draw_chart, round_up
from web.status.content import duration

from .serving import Server

TOKEN = "figures-please"
FIGURES = "connections busy"


@pytest.fixture(scope="module")
def status_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("status") / "server.log"
    server = Server(log, HEALTH_TOKEN=TOKEN, ADMINS="Grace Hopper, Ada", HEALTH_INTERVAL="0.2")
    server.manage("create_tables")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(status_server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=status_server.url, timeout=20) as client:
        yield client


def _post(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', client.get(path).text)
    assert token
    return client.post(path, data={**fields, "csrfmiddlewaretoken": token[1]})


def _sign_in(client: httpx.Client, name: str) -> None:
    assert _post(client, "/sign-in", name=name, next="/").status_code == 302


@pytest.mark.parametrize(("name", "may"), [(None, False), ("Charlie", False), ("Ada", True), ("grace hopper", True)])
def test_page_and_api_show_figures_to_the_same_people(client: httpx.Client, name: str | None, *, may: bool) -> None:
    if name:
        _sign_in(client, name)
    page, report = client.get("/status"), client.get("/api/health")
    assert page.status_code == (200 if may else 403)
    assert (FIGURES in page.text) == ("rss" in report.text) == may
    for part in ("HTTP", "WebSockets", "DynamoDB", "MongoDB", "Redis"):
        assert part in page.text
    assert page.headers["cache-control"] == "no-store"


def test_whoever_is_no_administrator_is_told_how_to_become_one(client: httpx.Client) -> None:
    stranger = client.get("/status").text
    assert "/sign-in?next=/status" in stranger
    assert "Token of this server" in stranger
    _sign_in(client, "Charlie")
    assert "/sign-in" not in client.get("/status").text


def test_the_token_opens_the_page_and_the_api_until_it_is_forgotten(client: httpx.Client) -> None:
    response = _post(client, "/status", token=f" {TOKEN} ")
    assert (response.status_code, response.headers["location"]) == (302, "/status")
    cookie = response.headers["set-cookie"]
    for attribute in ("__health=", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert attribute in cookie
    assert TOKEN not in cookie
    assert FIGURES in client.get("/status").text
    assert "rss" in client.get("/api/health").text
    assert _post(client, "/status", forget="").status_code == 302
    assert client.get("/status").status_code == 403
    assert "rss" not in client.get("/api/health").text


def test_a_bearer_of_the_token_needs_no_form(client: httpx.Client) -> None:
    assert FIGURES in client.get("/status", headers={"Authorization": f"Bearer {TOKEN}"}).text
    for wrong in ("Bearer", f"Bearer {TOKEN}x", "Basic x", ""):
        assert client.get("/status", headers={"Authorization": wrong}).status_code == 403


@pytest.mark.parametrize("token", ["", "x", f"{TOKEN}x", TOKEN.upper(), "\0", "é" * 100, "x" * 20_000])
def test_a_wrong_token_opens_nothing(client: httpx.Client, token: str) -> None:
    response = _post(client, "/status", token=token)
    assert response.status_code == 403
    assert "That is not the token" in response.text
    assert "__health" not in response.cookies
    assert FIGURES not in response.text


def test_the_form_needs_the_csrf_token(client: httpx.Client) -> None:
    assert client.post("/status", data={"token": TOKEN}).status_code == 403
    assert FIGURES not in client.get("/status").text


def test_the_page_runs_only_its_own_script_and_has_no_style_inline(client: httpx.Client) -> None:
    response = client.get("/status", headers={"Authorization": f"Bearer {TOKEN}"})
    nonce = re.search(r"script-src 'nonce-([^']+)'", response.headers["content-security-policy"])
    assert nonce
    scripts = re.findall(r"<script[^>]*>", response.text)
    assert scripts
    assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
    assert "style=" not in response.text
    assert "http://" not in response.text


def test_a_page_of_hostile_words_is_text(client: httpx.Client) -> None:
    for path in ("/status?<script>x", "/status?scope=process"):
        assert "<script>x" not in client.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).text


# --- charts ----------------------------------------------------------------------------------------------------------
NOW = 10_000.0


def _chart(points: list[tuple[float, float]], floor: float = 1.0) -> Any:
    history = [{"at": at, "value": value} for at, value in points]
    series = [Series("", lambda point: point["value"])]
    return draw_chart("Things", history, series, lambda value: f"{value:g}", now=NOW, floor=floor)


def test_a_chart_spans_the_last_fifteen_minutes_from_zero_up() -> None:
    chart = _chart([(NOW - 20, 0), (NOW - 10, 7), (NOW, 4)])
    assert (chart.top, chart.now) == ("10", "4")
    numbers = [float(number) for number in re.findall(r"[\d.]+", chart.lines[0]["path"])]
    xs, ys = numbers[::2], numbers[1::2]
    assert xs[-1] == WIDTH
    assert ys[0] == HEIGHT - 2
    assert all(0 <= y <= HEIGHT for y in ys)
    assert chart.summary == "Things over the last 15 minutes: now 4, scale up to 10."


def test_a_line_is_broken_where_nothing_was_noted() -> None:
    assert _chart([(NOW - 300, 1), (NOW - 295, 1), (NOW - 5, 1), (NOW, 1)]).lines[0]["path"].count("M") == 2


@pytest.mark.parametrize("points", [[], [(NOW, 3.0)], [(NOW + 500, 3.0)], [(NOW - 5000, 3.0)]])
def test_few_points_and_wrong_clocks_are_no_fault(points: list[tuple[float, float]]) -> None:
    chart = _chart(points)
    assert all(0 <= x <= WIDTH for x, _, _ in chart.readings)
    assert chart.readings_json


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (0.03, 0.05), (1, 1), (1.01, 2), (7, 10), (20, 20), (501, 1000), (1.1e9, 2e9)]
)
def test_a_scale_ends_at_a_round_number(value: float, top: float) -> None:
    assert round_up(value) == pytest.approx(top)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3600, "1 h 0 min"), (180_000, "2 d 2 h")]
)
def test_a_duration_is_said_in_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text
