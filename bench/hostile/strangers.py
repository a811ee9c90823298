"""Attacks of clients that are not signed in."""

import asyncio
import json
import re
from collections.abc import Awaitable

from .attacker import Attack, Attacker, event

_POLLING = "/socket.io/?EIO=4&transport=polling"
_DESCRIPTIONS = ("/api/schema", "/api/docs", "/api/events", "/api/asyncapi.json", "/api/", "/static/none", "/nowhere")


async def _answer(reading: Awaitable[bytes]) -> None:
    async with asyncio.timeout(5):
        await reading


async def wrong_tokens(attacker: Attacker) -> None:
    async with attacker.http() as session:
        for number in range(20):
            wrong = {"Authorization": f"Bearer {attacker.token[:-8]}{number:08d}"}
            await attacker.request(session, "GET", "/api/users/me", headers=wrong)
    for number in range(5):
        async with attacker.websocket("/ws/") as socket:
            await attacker.flood(socket, event("connect", token=f"{number}" * 50_000), seconds=0.2)


async def connection_churn(attacker: Attacker) -> None:
    for _ in range(30):
        async with attacker.tcp() as (_, writer):
            writer.write(attacker.head("GET", "/ws/"))
    for path in ("/ws/", "/socket.io/?EIO=4&transport=websocket") * 5:
        async with attacker.websocket(path):
            pass


async def slow_heads(attacker: Attacker) -> None:
    start = attacker.head("GET", "/api/groups")
    await attacker.dribble(*[start] * 20, piece=b"X-A: a\r\n", pieces=80, pause=0.2)


async def slow_bodies(attacker: Attacker) -> None:
    length = "Content-Length: 900000"
    paths = ("/api/upload", "/sign-in", "/api/messages", _POLLING)
    starts = [attacker.head("POST", path, length, "Content-Type: application/json") + b"\r\n" for path in paths]
    await attacker.dribble(*starts * 5, piece=b"[", pieces=80, pause=0.2)


async def large_heads(attacker: Attacker) -> None:
    """Heads just below the limits, and one that does not end."""
    headers = [f"X-{number}: {'h' * 300}" for number in range(180)]
    for _ in range(10):
        async with attacker.tcp() as (reader, writer):
            writer.write(attacker.head("GET", "/api/", *headers) + b"\r\n")
            await _answer(reader.readline())
    async with attacker.tcp() as (reader, writer):
        writer.write(b"GET /" + b"x" * 4_000_000)
        await _answer(reader.read())


async def pipelined_requests(attacker: Attacker) -> None:
    for _ in range(20):
        async with attacker.tcp() as (reader, writer):
            writer.write((attacker.head("GET", "/api/health/live") + b"\r\n") * 8)
            await _answer(reader.readline())


async def descriptions(attacker: Attacker) -> None:
    async with attacker.http() as session:
        for path in _DESCRIPTIONS * 3:
            await attacker.request(session, "GET", path)


async def health_reports(attacker: Attacker) -> None:
    """What no budget counts."""
    async with attacker.http() as session:
        for path in ("/api/health", "/api/health/live", "/static/none") * 10:
            await attacker.request(session, "GET", path)


async def sign_ins(attacker: Attacker) -> None:
    async with attacker.http() as session:
        text = await attacker.request(session, "GET", "/sign-in")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
        form = {"csrfmiddlewaretoken": token[1] if token else "", "name": f"Stranger {attacker.rng.random()}"}
        for _ in range(5):
            await attacker.request(session, "POST", "/sign-in", data=form, headers={"Referer": attacker.url})


async def polling_payloads(attacker: Attacker) -> None:
    """Payloads of as many packets as are allowed, and of far more."""
    async with attacker.http() as session:
        for payload in ("3\x1e" * 1_999 + "3", "6\x1e" * 60_000 + "6", "42[]\x1e" * 1_500 + "3"):
            opened = await attacker.request(session, "GET", _POLLING)
            if not opened.startswith("0{"):
                return
            path = f"{_POLLING}&sid={json.loads(opened[1:])['sid']}"
            for _ in range(10):
                await attacker.request(session, "POST", path, data=payload)


ATTACKS: tuple[Attack, ...] = (
    *(wrong_tokens, connection_churn, slow_heads, slow_bodies, large_heads, pipelined_requests),
    *(descriptions, health_reports, sign_ins, polling_payloads),
)
