"""A session on an open socket: refreshed by an event, ended when it expires or is ended elsewhere."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
from django.conf import settings

from bench.chaos.proxy import proxy_to
from tests.cast import Person, person
from tests.serving import Server, serving
from tests.sessions import is_refused, page_cookie, sign_out
from tests.socket_client import connected
from users.services import sign_in_locally


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


async def test_a_socket_is_closed_with_an_error_when_its_token_expires(server: Server) -> None:
    brief = await person("Brief", lifetime=0)  # the leeway is five seconds
    async with connected(server.url, brief) as socket:
        error = await socket.wait_for("error")
        assert error["code"] == "token_expired"
        await socket.wait_for("disconnect")


async def test_a_fresh_token_keeps_the_socket_open(server: Server) -> None:
    brief = await person("Brief", lifetime=0)
    async with connected(server.url, brief) as socket:
        token = await sign_in_locally(name=brief.actor.name)
        refreshed = await socket.send("authenticate", {"token": token})
        assert refreshed["ok"]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(6):
                await socket.wait_for("disconnect")
        assert (await socket.send("thread_read", {"groupId": "none", "seq": 0}))["error"]["code"] == "not_found"


async def test_another_users_token_is_refused(server: Server, alice: Person, bob: Person) -> None:
    async with connected(server.url, alice) as socket:
        refused = await socket.send("authenticate", {"token": bob.token})
        assert refused["error"]["code"] == "forbidden"


async def test_signing_out_ends_the_sockets_of_the_session_on_every_process(server: Server, alice: Person) -> None:
    other_session = await sign_in_locally(name=alice.actor.name)
    async with serving({}) as other, connected(other.url, alice) as closing:
        kept = Person(alice.actor, other_session)
        async with connected(other.url, kept) as open_socket:
            await sign_out(server.url, alice.token)
            assert await is_refused(server.url, alice.token)
            assert (await closing.wait_for("error"))["code"] == "token_expired"
            await closing.wait_for("disconnect")
            assert (await open_socket.send("thread_read", {"groupId": "none", "seq": 0}))["error"][
                "code"
            ] == "not_found"


async def test_signing_out_while_redis_is_down_reaches_other_processes_when_it_is_up(
    server: Server, alice: Person
) -> None:
    async with (
        proxy_to(os.environ["REDIS_URL"]) as line,
        serving({"REDIS_URL": line.url}) as disconnected,
        connected(server.url, alice) as closing,
    ):
        line.cut()
        await sign_out(disconnected.url, alice.token)
        assert await is_refused(disconnected.url, alice.token)
        assert not await is_refused(server.url, alice.token)
        line.restore()
        assert (await closing.wait_for("error"))["code"] == "token_expired"
        await closing.wait_for("disconnect")


async def test_signing_out_ends_the_token_that_a_renewed_cookie_replaced(server: Server) -> None:
    early = await person("Early", lifetime=settings.LOCAL_TOKEN_LIFETIME // 3)
    renewed = await page_cookie(server.url, early.token)
    assert renewed
    async with connected(server.url, early) as closing:
        await sign_out(server.url, renewed)
        assert await is_refused(server.url, renewed)
        assert await is_refused(server.url, early.token)
        assert (await closing.wait_for("error"))["code"] == "token_expired"
        await closing.wait_for("disconnect")


async def test_signing_out_by_the_replaced_token_ends_the_renewed_one(server: Server) -> None:
    early = await person("Early", lifetime=settings.LOCAL_TOKEN_LIFETIME // 3)
    renewed = await page_cookie(server.url, early.token)
    assert renewed
    async with connected(server.url, Person(early.actor, renewed)) as closing:
        await sign_out(server.url, early.token)
        assert await is_refused(server.url, renewed)
        await closing.wait_for("disconnect")


async def test_a_server_that_shuts_down_gives_each_client_its_own_delay(alice: Person, bob: Person) -> None:
    async with serving({}) as server, connected(server.url, alice) as first, connected(server.url, bob) as second:
        server.process.terminate()
        delays = [(await socket.wait_for("drain"))["retryAfter"] for socket in (first, second)]
        assert len(set(delays)) == 2
        for socket in (first, second):
            await socket.wait_for("disconnect")
