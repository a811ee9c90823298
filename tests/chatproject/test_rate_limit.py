"""HTTP requests over a budget are refused, whichever process they reach, and whatever they say of themselves."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import pytest

from tests.cast import Person
from tests.serving import Server, daphne, serving, uvicorn

# Windows of a day: none ends while a test runs.
FEW = "off,all=1000/d,write=3/d,upload=2/d,list=4/d,sign_in=3/d,failed_sign_in=3/d"
BEHIND_A_PROXY = {"RATE_LIMITS": FEW, "TRUSTED_PROXIES": "1"}


@pytest.fixture(scope="module")
async def servers() -> AsyncIterator[list[Server]]:
    """Two processes behind one proxy, which names the client."""
    async with serving(BEHIND_A_PROXY) as one, serving(BEHIND_A_PROXY) as two:
        yield [one, two]


@asynccontextmanager
async def clients(
    servers: Iterable[Server], person: Person | None = None, *, address: str | None = None
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A client of each server, at an address of their own: one of this machine, as a trial wants it."""
    address = address or f"127.{uuid4().int % 256}.{uuid4().int % 256}.{uuid4().int % 256}"
    headers = {"X-Forwarded-For": f"127.0.2.1, {address}", **(person.headers if person else {})}
    made = [httpx.AsyncClient(base_url=server.url, headers=headers, timeout=30) for server in servers]
    try:
        yield made
    finally:
        await asyncio.gather(*(client.aclose() for client in made))


async def in_turn(clients: list[httpx.AsyncClient], count: int, method: str, path: str, **more: object) -> list[int]:
    """Send requests to one server after the other, and return their status codes."""
    sent = [await clients[n % len(clients)].request(method, path, **more) for n in range(count)]  # type: ignore[arg-type]
    return [response.status_code for response in sent]


async def sign_in(client: httpx.AsyncClient, name: str = "Dora") -> httpx.Response:
    if "csrftoken" not in client.cookies:
        await client.get("/sign-in")
    return await client.post("/sign-in", data={"name": name, "csrfmiddlewaretoken": client.cookies["csrftoken"]})


# --- what is counted, and for whom -----------------------------------------------------------------------------------
async def test_a_user_is_limited_over_all_processes(servers: list[Server], alice: Person, bob: Person) -> None:
    group = {"json": {"name": "Galley"}}
    async with clients(servers, alice) as hers, clients(servers, bob, address="127.1.1.1") as his:
        assert await in_turn(hers, 5, "POST", "/api/groups", **group) == [201, 201, 201, 429, 429]
        assert await in_turn(hers, 5, "GET", "/api/groups") == [200, 200, 200, 200, 429]
        # From the same address, another user has budgets of their own.
        assert await in_turn(his, 3, "POST", "/api/groups", **group) == [201, 201, 201]
    async with clients(servers, alice) as hers_elsewhere:
        assert await in_turn(hers_elsewhere, 1, "POST", "/api/groups", **group) == [429]


async def test_uploads_are_limited_before_they_are_read(servers: list[Server], alice: Person, group_id: str) -> None:
    async with clients(servers, alice) as hers:
        form = {"data": {"groupId": group_id}, "files": {"file": ("a.txt", b"hello")}}
        assert await in_turn(hers, 3, "POST", "/api/upload", **form) == [201, 201, 429]
        # No byte of this body ever comes.
        reader, writer = await asyncio.open_connection("127.0.0.1", servers[0].port)
        head = f"POST /api/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {alice.token}\r\n"
        writer.write(f"{head}Content-Length: 1000000\r\n\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 429")
        writer.close()


async def test_pages_and_api_share_budgets(servers: list[Server], alice: Person) -> None:
    async with clients(servers, alice) as hers:
        assert await in_turn(hers, 4, "GET", "/api/groups") == [200] * 4
        hers[0].cookies.set("__session", alice.token)
        page = await hers[0].get("/?list")
    assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert "Too fast" in page.text
    assert "script-src" in page.headers["content-security-policy"]
    assert int(page.headers["retry-after"]) >= 1


async def test_messages_draw_on_no_budget_for_writes(servers: list[Server], alice: Person, group_id: str) -> None:
    async with clients(servers, alice) as hers:
        message = {"json": {"groupId": group_id, "content": "ahoy"}}
        assert await in_turn(hers, 6, "POST", "/api/messages", **message) == [201] * 6


async def test_probes_and_static_files_are_never_refused(alice: Person) -> None:
    async with serving({"RATE_LIMITS": "off,all=1/d"}) as server, clients([server], alice) as hers:
        assert await in_turn(hers, 3, "GET", "/api/users/me") == [200, 429, 429]
        for path in ("/api/health", "/api/health/live", "/api/health/ready", "/static/web/css/base.css"):
            assert 429 not in await in_turn(hers, 3, "GET", path)


# --- signing in ------------------------------------------------------------------------------------------------------
async def test_signing_in_is_limited_by_address_over_all_processes(servers: list[Server]) -> None:
    async with clients(servers) as ours:
        codes = [(await sign_in(ours[n % 2], f"Dora {n}")).status_code for n in range(5)]
        assert codes == [302, 302, 302, 429, 429]
        # Who is signed in goes on.
        assert (await ours[0].get("/?list")).status_code == 200
    async with clients(servers) as others:
        assert (await sign_in(others[0])).status_code == 302


async def test_200_sign_ins_from_one_address_are_not_all_let_in() -> None:
    async with serving({"RATE_LIMITS": ""}) as server, clients([server]) as [client]:
        codes = Counter([(await sign_in(client, f"Dora {n}")).status_code for n in range(200)])
    assert codes[302] <= 2 * 30  # a window may end meanwhile
    assert codes[302] + codes[429] == 200


async def test_by_default_nobody_creates_groups_or_uploads_without_end(alice: Person, group_id: str) -> None:
    group = {"json": {"name": "Galley"}}
    file = {"data": {"groupId": group_id}, "files": {"file": ("a.txt", b"hello")}}
    # More than two windows of 30, should one end meanwhile.
    async with serving({"RATE_LIMITS": ""}) as server, clients([server], alice) as hers:
        assert 429 in await in_turn(hers, 61, "POST", "/api/groups", **group)
        assert 429 in await in_turn(hers, 61, "POST", "/api/upload", **file)


async def test_failed_attempts_count_for_the_address_and_leave_the_signed_in_alone(
    servers: list[Server], alice: Person
) -> None:
    async with clients(servers, address="127.2.2.2") as guessing, clients(servers, alice, address="127.2.2.2") as hers:
        forged = {"headers": {"Authorization": f"Bearer {alice.token[:-6]}AAAAAA"}}
        assert await in_turn(guessing, 5, "GET", "/api/users/me", **forged) == [401, 401, 401, 429, 429]
        assert await in_turn(hers, 2, "GET", "/api/users/me") == [200, 200]


# --- what responses say ----------------------------------------------------------------------------------------------
async def test_responses_say_what_remains(servers: list[Server], alice: Person) -> None:
    async with clients(servers, alice) as hers:
        first, *_, fifth = [await hers[0].get("/api/groups", headers={"Origin": servers[0].url}) for _ in range(5)]
    for response, remaining in ((first, "3"), (fifth, "0")):
        assert response.headers["ratelimit-limit"] == "4"
        assert response.headers["ratelimit-remaining"] == remaining
        assert 1 <= int(response.headers["ratelimit-reset"]) <= 86_400
        assert response.headers["ratelimit-policy"] == '4;w=86400;comment="list"'
    assert "retry-after" not in first.headers
    error = fifth.json()["error"]
    assert (error["code"], error["retryable"]) == ("rate_limited", True)
    assert fifth.headers["retry-after"] == fifth.headers["ratelimit-reset"] == str(error["retryAfter"])


async def test_a_page_of_another_origin_may_read_the_headers(alice: Person) -> None:
    origin = "https://client.example"
    limits = {"RATE_LIMITS": "off,all=1/d", "ALLOWED_ORIGINS": origin}
    async with serving(limits) as server, clients([server], alice) as [client]:
        preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        for _ in range(3):
            assert (await client.options("/api/groups", headers=preflight)).status_code == 200
        for status in (200, 429):
            response = await client.get("/api/users/me", headers={"Origin": origin})
            assert response.status_code == status
            assert response.headers["access-control-allow-origin"] == origin
            assert "RateLimit-Reset" in response.headers["access-control-expose-headers"]


async def test_an_error_of_the_bucket_in_memory_has_the_same_headers(alice: Person, group_id: str) -> None:
    async with serving({"RATE_LIMITS": "off,all=1000/d,message=1/1000s"}) as server, clients([server], alice) as [hers]:
        message = {"groupId": group_id, "content": "ahoy"}
        assert (await hers.post("/api/messages", json=message)).headers["ratelimit-limit"] == "1000"
        refused = await hers.post("/api/messages", json=message)
    assert refused.status_code == 429
    assert refused.headers.get_list("ratelimit-policy") == ['1;w=1000;comment="message"']
    assert refused.headers["ratelimit-remaining"] == "0"


# --- forged addresses ------------------------------------------------------------------------------------------------
# Each has a window of its own for the one address that both are called from.
@pytest.mark.parametrize(("command", "rate"), [(uvicorn, "3/d"), (daphne, "3/2d")], ids=["uvicorn", "daphne"])
async def test_x_forwarded_for_is_not_believed_without_a_trusted_proxy(
    command: Callable[[str, int], list[str]], rate: str
) -> None:
    async with serving({"RATE_LIMITS": f"off,all=1000/d,sign_in={rate}"}, server=command) as server:
        codes = []
        for n in range(5):
            async with clients([server], address=f"127.3.3.{n}") as [client]:
                client.headers.update({"X-Real-IP": f"127.3.3.{n}", "Forwarded": f"for=127.3.3.{n}"})
                codes.append((await sign_in(client, f"Dora {n}")).status_code)
    assert codes == [302, 302, 302, 429, 429]


async def test_the_addresses_of_one_ipv6_network_are_one_client(servers: list[Server]) -> None:
    network = re.sub("(....)(....)(....).*", r"2001:\1:\2:\3", uuid4().hex)
    codes = []
    for n in range(5):
        async with clients(servers, address=f"{network}:{n}::{n}") as ours:
            codes.append((await ours[n % 2].post("/sign-in")).status_code)
    # A trial refuses them, for they are no addresses of this machine; they are counted before that.
    assert codes == [403, 403, 403, 429, 429]


async def test_clients_on_a_unix_socket_are_one_client(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("s") / "chat.sock"

    def on_socket(application: str, port: int) -> list[str]:
        return ["uvicorn", application, "--uds", str(path), "--log-level", "warning", "--no-proxy-headers"]

    limits = {"RATE_LIMITS": "off,all=1000/d,sign_in=3/d"}
    async with serving(limits, server=on_socket, uds=path) as server:
        transport = httpx.AsyncHTTPTransport(uds=str(path))
        async with httpx.AsyncClient(base_url=server.url, transport=transport, timeout=30) as client:
            codes = [(await sign_in(client, f"Dora {n}")).status_code for n in range(5)]
    assert codes == [302, 302, 302, 429, 429]
