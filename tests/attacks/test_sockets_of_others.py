"""Cookies that another site of the domain sets lock nobody out, and one user cannot hold all connections."""

import asyncio
import json

import pytest
import websockets
from hypothesis import given
from hypothesis import strategies as st

from realtime.application import Handshake
from tests.cast import Person
from tests.serving import serving


@pytest.mark.parametrize(
    "other", ['a={"x":1}', "a=b c", 'a="', "=", "a", "ä=ö", "a=,;", "a/b=1", "$Version=1", "a=[1,2]; b={}"]
)
def test_an_odd_cookie_hides_no_other_one(other: str) -> None:
    for header in (f"{other}; __session=token", f"__session=token; {other}"):
        assert Handshake({}, {"cookie": header}).cookies["__session"] == "token"


@given(other=st.text(st.characters(exclude_characters=";"), max_size=40))
def test_no_cookie_hides_the_sessions(other: str) -> None:
    assert Handshake({}, {"cookie": f"{other}; __session=token"}).cookies["__session"] == "token"


async def test_a_socket_opens_beside_an_odd_cookie(alice: Person) -> None:
    async with serving({}) as server:
        url = server.url.replace("http", "ws") + "/ws/"
        headers = {"Cookie": f'a={{"x":1}}; __session={alice.token}'}
        async with websockets.connect(url, additional_headers=headers) as socket:
            await socket.send('{"event": "connect"}')
            assert json.loads(await socket.recv())["event"] == "ready"


async def test_a_user_has_at_most_so_many_connections(alice: Person, bob: Person) -> None:
    async with serving({"MAX_CONNECTIONS_PER_USER": "3"}) as server:
        url = server.url.replace("http", "ws") + "/ws/"

        async def first_event(person: Person) -> tuple[websockets.ClientConnection, str, str]:
            socket = await websockets.connect(url)
            await socket.send(json.dumps({"event": "connect", "data": {"token": person.token}}))
            event = json.loads(await socket.recv())
            return socket, event["event"], event["data"].get("code", "")

        opened = await asyncio.gather(*(first_event(alice) for _ in range(6)))
        assert sorted(event for _, event, _ in opened) == ["error"] * 3 + ["ready"] * 3
        assert {code for _, event, code in opened if event == "error"} == {"rate_limited"}
        other, event, _ = await first_event(bob)
        assert event == "ready"
        kept = next(socket for socket, event, _ in opened if event == "ready")
        await kept.close()
        for socket in (other, *(socket for socket, _, _ in opened)):
            await socket.close()
