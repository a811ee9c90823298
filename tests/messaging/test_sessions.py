"""The life of a session on an open socket: refreshed in-band, ended when it runs out or is ended elsewhere."""

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
from users.services import local_sign_in


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


async def test_a_socket_ends_with_its_token_and_says_why(server: Server) -> None:
    brief = await person("Brief", lifetime=0)  # the leeway is five seconds
    async with connected(server.url, brief) as socket:
        error = await socket.wait_for("error")
        assert error["code"] == "token_expired"
        await socket.wait_for("disconnect")


async def test_a_fresh_token_keeps_the_socket_open(server: Server) -> None:
    brief = await person("Brief", lifetime=0)
    async with connected(server.url, brief) as socket:
        token = await local_sign_in(name=brief.actor.name)
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
    other_session = await local_sign_in(name=alice.actor.name)
    async with serving({}) as elsewhere, connected(elsewhere.url, alice) as ended:
        kept = Person(alice.actor, other_session)
        async with connected(elsewhere.url, kept) as still_open:
            await sign_out(server.url, alice.token)
            assert await is_refused(server.url, alice.token)
            assert (await ended.wait_for("error"))["code"] == "token_expired"
            await ended.wait_for("disconnect")
            assert (await still_open.send("thread_read", {"groupId": "none", "seq": 0}))["error"]["code"] == "not_found"


async def test_signing_out_while_redis_is_away_reaches_the_other_processes_when_it_is_back(
    server: Server, alice: Person
) -> None:
    async with (
        proxy_to(os.environ["REDIS_URL"]) as line,
        serving({"REDIS_URL": line.url}) as cut_off,
        connected(server.url, alice) as ended,
    ):
        line.cut()
        await sign_out(cut_off.url, alice.token)
        assert await is_refused(cut_off.url, alice.token)
        assert not await is_refused(server.url, alice.token)
        line.restore()
        assert (await ended.wait_for("error"))["code"] == "token_expired"
        await ended.wait_for("disconnect")


async def test_signing_out_ends_the_token_that_a_renewed_cookie_replaced(server: Server) -> None:
    early = await person("Early", lifetime=settings.LOCAL_TOKEN_LIFETIME // 3)
    renewed = await page_cookie(server.url, early.token)
    assert renewed
    async with connected(server.url, early) as ended:
        await sign_out(server.url, renewed)
        assert await is_refused(server.url, renewed)
        assert await is_refused(server.url, early.token)
        assert (await ended.wait_for("error"))["code"] == "token_expired"
        await ended.wait_for("disconnect")


async def test_signing_out_by_the_replaced_token_ends_the_renewed_one(server: Server) -> None:
    early = await person("Early", lifetime=settings.LOCAL_TOKEN_LIFETIME // 3)
    renewed = await page_cookie(server.url, early.token)
    assert renewed
    async with connected(server.url, Person(early.actor, renewed)) as ended:
        await sign_out(server.url, early.token)
        assert await is_refused(server.url, renewed)
        await ended.wait_for("disconnect")


async def test_a_server_that_goes_down_names_each_clients_delay(alice: Person, bob: Person) -> None:
    async with serving({}) as server, connected(server.url, alice) as one, connected(server.url, bob) as other:
        server.process.terminate()
        delays = [(await socket.wait_for("drain"))["retryAfter"] for socket in (one, other)]
        assert len(set(delays)) == 2
        for socket in (one, other):
            await socket.wait_for("disconnect")
