"""HTTP with patience, for servers may be killed meanwhile: what is kept is read, and members come and go."""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx

from .evidence import Count, Picture, Told

_PAGE = 100
_FOLLOW_EVERY = 0.5
_PATIENCE = 60.0


class Api:
    """Requests that are tried at one server after the other until one answers."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls
        self._http = httpx.AsyncClient(timeout=10.0, trust_env=False)

    async def get(self, path: str, token: str, **params: Any) -> dict[str, Any]:
        answer = await self._ask("GET", path, token, params=params)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def _ask(self, method: str, path: str, token: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        async with asyncio.timeout(_PATIENCE):
            while True:
                with contextlib.suppress(httpx.TransportError):
                    answer = await self._http.request(method, random.choice(self._urls) + path, headers=headers, **more)
                    if answer.status_code not in (429, 500, 502, 503, 504):
                        return answer
                await asyncio.sleep(0.2)

    async def close(self) -> None:
        await self._http.aclose()

    # --- members -----------------------------------------------------------------------------------------------------
    async def add_member(self, group_id: str, user_id: str, token: str) -> None:
        answer = await self._ask("POST", f"/api/groups/{group_id}/members", token, json={"userIds": [user_id]})
        answer.raise_for_status()

    async def remove_member(self, group_id: str, user_id: str, token: str) -> None:
        """Put somebody out; an earlier try may have done it already."""
        answer = await self._ask("DELETE", f"/api/groups/{group_id}/members/{quote(user_id)}", token)
        if answer.status_code != httpx.codes.NOT_FOUND:
            answer.raise_for_status()

    # --- what is asked -----------------------------------------------------------------------------------------------
    async def groups(self, token: str) -> dict[str, dict[str, Any]]:
        """Return the caller's groups by id."""
        return {group["id"]: group for group in (await self.get("/api/groups", token))["groups"]}

    async def count(self, user_id: str, token: str, group_id: str) -> Count:
        group = (await self.groups(token))[group_id]
        return Count(user_id, group_id, group["read"], group["unread"])

    async def picture(self, group_id: str, token: str, start: int) -> Picture:
        """Return the messages after `start`, read anew, replies included."""
        messages = await self._pages("/api/messages", token, start, groupId=group_id)
        replies = [
            await self._pages(f"/api/messages/{message['id']}/thread", token, start)
            for message in messages
            if message.get("replyCount")
        ]
        everything = [message for page in (messages, *replies) for message in page]
        return Picture(start, {message["id"]: message for message in everything})

    async def _pages(self, path: str, token: str, start: int, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = await self.get(path, token, limit=_PAGE, **params)
            found = page["messages"] + found
            if not page["hasMore"] or page["messages"][0]["seq"] <= start:
                return [message for message in found if message["seq"] > start]
            params["before"] = page["messages"][0]["seq"]


class LogReader:
    """Follows one group's log: what lies too far back could not be read at the end."""

    def __init__(self, api: Api, group_id: str, token: str, start: int) -> None:
        self._api, self._group_id, self._token = api, group_id, token
        self.told: list[Told] = []
        self.head = start
        self._lock = asyncio.Lock()

    async def follow(self) -> None:
        while True:
            await self.catch_up()
            await asyncio.sleep(_FOLLOW_EVERY)

    async def catch_up(self) -> None:
        """Read to the end."""
        async with self._lock:
            more = True
            while more:
                page = await self._api.get(
                    "/api/messages/changes", self._token, groupId=self._group_id, since=self.head, limit=_PAGE
                )
                if page.get("reset"):
                    raise RuntimeError(f"the log of {self._group_id} ran away from its reader at {self.head}")
                self.told += [Told.of(change["event"], change["data"]) for change in page["changes"]]
                self.head = page["changes"][-1]["seq"] if page["changes"] else self.head
                more = page["hasMore"]
