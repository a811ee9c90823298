"""Attacks of people who are signed in, and members of groups of their own."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import uuid4

import aiohttp

from .attacker import Attack, Attacker, event, frame

_SECONDS = 2.0
_POLLING = "/socket.io/?EIO=4&transport=polling"
_LINKS = " ".join(f"[a](https://example.com/{number}) **b** `c` <@u{number}>" for number in range(45))


# --- sockets ---------------------------------------------------------------------------------------------------------
async def tiny_frames(attacker: Attacker) -> None:
    async with attacker.signed_in() as socket:
        await attacker.flood(socket, frame("{}") * 20_000, seconds=_SECONDS)


async def unknown_events(attacker: Attacker) -> None:
    async with attacker.signed_in() as socket:
        await attacker.flood(socket, event("nothing") * 2_000, seconds=_SECONDS)


async def half_a_million_zeros(attacker: Attacker) -> None:
    zeros = "[" + "0," * 490_000 + "0]"
    text = (
        f'{{"event":"message","ack":1,"data":{{"groupId":"{attacker.group_id}","content":"x","attachments":{zeros}}}}}'
    )
    async with attacker.signed_in() as socket:
        await attacker.flood(socket, frame(text) * 3, seconds=_SECONDS)


async def large_frames(attacker: Attacker) -> None:
    large = event("message", groupId=attacker.group_id, content="x" * 980_000)
    async with attacker.signed_in() as socket:
        await attacker.flood(socket, large * 6, seconds=_SECONDS)


async def reads_of_history(attacker: Attacker) -> None:
    pages = event("thread_sync", groupId=attacker.group_id, limit=100)
    missed = event("thread_sync", groupId=attacker.group_id, since=1, limit=100)
    async with attacker.signed_in() as socket:
        await attacker.flood(socket, (pages + missed) * 100, seconds=_SECONDS)


async def messages_at_the_limit(attacker: Attacker) -> None:
    """To their own group: as many as they may, as long as they may be, of as many links."""
    async with attacker.signed_in() as socket:
        for number in range(20):
            content = f"{number} {_LINKS}" if number % 2 else "x" * 9_900
            data = {"groupId": attacker.group_id, "content": content, "clientId": uuid4().hex}
            await attacker.flood(socket, event("message", **data), seconds=0.1)


async def typing_and_marks(attacker: Attacker) -> None:
    group = {"groupId": attacker.group_id}
    events = event("thread_typing", **group, typing=True) + event("thread_read", **group, seq=1)
    events += event("presence", status="away") + event("presence", status="online")
    async with attacker.signed_in() as socket:
        await attacker.flood(socket, events * 200, seconds=_SECONDS)


async def returns(attacker: Attacker) -> None:
    """Clients that come back again and again, with the places of many groups, and go before they are answered."""
    places = {f"group_{number:026}": number for number in range(2_000)} | {attacker.group_id: 1}
    for _ in range(5):
        async with attacker.signed_in(since=places):
            pass
        async with attacker.websocket("/ws/") as socket:
            socket.transport.write(event("connect", token=attacker.token, since=places))


async def never_reads(attacker: Attacker) -> None:
    async with attacker.signed_in() as socket:
        socket.transport.pause_reading()
        socket.transport.write(event("thread_sync", groupId=attacker.group_id, limit=100) * 60)
        await asyncio.sleep(_SECONDS)


async def polling_events(attacker: Attacker) -> None:
    """Over polling: payloads of many events, and many payloads."""
    async with attacker.http() as session:
        opened = await attacker.request(session, "GET", _POLLING)
        if not opened.startswith("0{"):
            return
        path = f"{_POLLING}&sid={json.loads(opened[1:])['sid']}"
        await attacker.request(session, "POST", path, data="40" + json.dumps({"token": attacker.token}))
        for _ in range(20):
            await attacker.request(session, "POST", path, data='42["nothing"]\x1e' * 500 + "3")
        for _ in range(100):
            await attacker.request(session, "POST", path, data="3")


# --- HTTP ------------------------------------------------------------------------------------------------------------
async def expensive_requests(attacker: Attacker) -> None:
    group = attacker.group_id
    paths = (
        f"/api/messages?groupId={group}&limit=100",
        f"/api/messages/changes?groupId={group}&after=0",
        f"/groups/{group}",
        f"/groups/{group}?before=200",
        "/api/users?search=fixture",
        "/api/groups",
        f"/api/files?groupId={group}",
        f"/api/groups/{group}/members",
        "/",
    )
    headers = {**attacker.auth, "Cookie": f"__session={attacker.token}"}
    async with attacker.http() as session:
        for path in paths * 3:
            await attacker.request(session, "GET", path, headers=headers)


async def endless_upload(attacker: Attacker) -> None:
    """A multipart body without an end: 40 MB at most, in pieces."""

    async def body() -> AsyncIterator[bytes]:
        head = f'--b\r\nContent-Disposition: form-data; name="groupId"\r\n\r\n{attacker.group_id}\r\n'
        yield (head + '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n').encode()
        for _ in range(640):
            yield b"x" * 65_536
            await asyncio.sleep(0.01)

    headers = {**attacker.auth, "Content-Type": "multipart/form-data; boundary=b"}
    async with attacker.http() as session:
        await attacker.request(session, "POST", "/api/upload", data=body(), headers=headers)


async def uploads_of_many_parts(attacker: Attacker) -> None:
    part = '--b\r\nContent-Disposition: form-data; name="n"\r\n\r\nv\r\n'
    headers = {**attacker.auth, "Content-Type": "multipart/form-data; boundary=b"}
    async with attacker.http() as session:
        for _ in range(5):
            await attacker.request(session, "POST", "/api/upload", data=part * 15_000 + "--b--", headers=headers)


async def large_bodies(attacker: Attacker) -> None:
    async with attacker.http() as session:
        for body in ("[" + "0," * 490_000 + "0]", '{"content":"' + "x" * 980_000 + '"}', "[" * 400_000):
            headers = {**attacker.auth, "Content-Type": "application/json"}
            await attacker.request(session, "POST", "/api/messages", data=body, headers=headers)


async def uploads(attacker: Attacker) -> None:
    async with attacker.http() as session:
        for _ in range(5):
            form = aiohttp.FormData({"groupId": attacker.group_id})
            form.add_field("file", b"\x89PNG\r\n\x1a\n" + b"x" * 300_000, filename="a.png", content_type="image/png")
            await attacker.request(session, "POST", "/api/upload", data=form, headers=attacker.auth)


ATTACKS: tuple[Attack, ...] = (
    *(tiny_frames, unknown_events, half_a_million_zeros, large_frames, reads_of_history, messages_at_the_limit),
    *(typing_and_marks, returns, never_reads, polling_events, expensive_requests, endless_upload),
    *(uploads_of_many_parts, large_bodies, uploads),
)
