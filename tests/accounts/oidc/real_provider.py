"""A real provider of OpenID Connect (npm's oidc-provider), and somebody who signs in there over HTTP."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from bin.local.install import find_node
from bin.local.ready import free_port

FOLDER = Path(__file__).parent / "provider"
CLIENT_ID, CLIENT_SECRET = "chat", "a secret of forty characters, or so to say"
_FIELD = re.compile('<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"')
_MAX_STEPS = 12


@dataclass(frozen=True)
class RealProvider:
    issuer: str
    process: asyncio.subprocess.Process

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def running_provider(
    public_url: str, people: Mapping[str, Mapping[str, Any]], told: str
) -> AsyncIterator[RealProvider]:
    """Run a provider that says at the address `told` who has signed out there."""
    port = free_port()
    said = {
        "clientId": CLIENT_ID,
        "clientSecret": CLIENT_SECRET,
        "redirectUri": f"{public_url}/sign-in/oidc/callback",
        "back": f"{public_url}/sign-in",
        "told": told,
        "people": people,
    }
    process = await asyncio.create_subprocess_exec(
        str(find_node()),
        "provider.mjs",
        str(port),
        json.dumps(said),
        cwd=FOLDER,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    provider = RealProvider(f"http://127.0.0.1:{port}", process)
    try:
        assert process.stdout
        async with asyncio.timeout(60):
            while b"listening" not in (line := await process.stdout.readline()):
                assert line, "the provider has ended"
        yield provider
    finally:
        await provider.stop()


def browser_there() -> httpx.AsyncClient:
    """Return a browser that keeps the provider's cookies."""
    return httpx.AsyncClient(trust_env=False, timeout=30)


async def sign_out_there(browser: httpx.AsyncClient, issuer: str) -> None:
    """End the browser's session at the provider, which says so to those whom it has signed somebody in to."""
    asked = await browser.get(f"{issuer}/session/end")
    assert asked.status_code == 200, asked.text
    fields = dict(re.findall('name="([^"]+)" value="([^"]*)"', asked.text)) | {"logout": "yes"}
    ended = await browser.post(f"{issuer}/session/end/confirm", data=fields)
    assert ended.status_code in (200, 303), ended.text


class Listener:
    """Where the provider says that somebody has signed out: `tokens` has what it has sent, in order."""

    def __init__(self) -> None:
        self.tokens: asyncio.Queue[str] = asyncio.Queue()
        self.address = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = re.search(r"content-length: (\d+)", head)
        assert length, head
        form = dict(parse_qsl((await reader.readexactly(int(length[1]))).decode()))
        self.tokens.put_nowait(form["logout_token"])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener, port = Listener(), free_port()
    listener.address = f"http://127.0.0.1:{port}/told"
    async with await asyncio.start_server(listener.serve, "127.0.0.1", port):
        yield listener


async def sign_in_there(address: str, login: str, browser: httpx.AsyncClient | None = None) -> dict[str, str]:
    """Sign in at the provider as a browser would, and return the parameters with which it sends the browser back."""
    if browser is None:
        async with browser_there() as another:
            return await _go_through(address, login, another)
    return await _go_through(address, login, browser)


async def _go_through(address: str, login: str, browser: httpx.AsyncClient) -> dict[str, str]:
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
    response = await browser.get(address)
    for _ in range(_MAX_STEPS):
        if response.is_redirect:
            target = urljoin(str(response.url), response.headers["Location"])
            if not target.startswith(origin):
                return dict(parse_qsl(urlsplit(target).query))
            response = await browser.get(target)
            continue
        assert response.status_code == 200, response.text
        action = re.search('<form[^>]*action="([^"]+)"', response.text)
        assert action, response.text
        fields = dict(_FIELD.findall(response.text)) | {"login": login, "password": "anything"}
        response = await browser.post(urljoin(origin, unescape(action[1])), data=fields)
    raise AssertionError("the provider asks for ever")
