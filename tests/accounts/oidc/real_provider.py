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
async def running_provider(public_url: str, people: Mapping[str, Mapping[str, Any]]) -> AsyncIterator[RealProvider]:
    port = free_port()
    said = {
        "clientId": CLIENT_ID,
        "clientSecret": CLIENT_SECRET,
        "redirectUri": f"{public_url}/sign-in/oidc/callback",
        "back": f"{public_url}/sign-in",
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


async def sign_in_there(address: str, login: str) -> dict[str, str]:
    """Sign in at the provider as a browser would, and return the parameters with which it sends the browser back."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as browser:
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
