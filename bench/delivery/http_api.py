"""Reads and member changes over HTTP, retried because servers may be killed while a request is in flight."""

import asyncio
import contextlib
import hashlib
import random
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx

from .evidence import Change, Snapshot, UnreadCount

_PAGE_SIZE = 100
_FOLLOW_INTERVAL = 0.5
_RETRY_INTERVAL = 0.2
_RETRY_TIMEOUT = 60.0
_RETRIED = (429, 500, 502, 503, 504)


class Api:
    """Sends each request to a random server and retries it for 60 s; raises `TimeoutError` and `HTTPStatusError`."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls
        self._http = httpx.AsyncClient(timeout=10.0, trust_env=False)

    async def get(self, path: str, token: str, **params: Any) -> dict[str, Any]:
        response = await self._request("GET", path, token, params=params)
        response.raise_for_status()
        body: dict[str, Any] = response.json()
        return body

    async def _request(self, method: str, path: str, token: str, **options: Any) -> httpx.Response:
        options["headers"] = {"Authorization": f"Bearer {token}"}
        async with asyncio.timeout(_RETRY_TIMEOUT):
            while True:
                with contextlib.suppress(httpx.TransportError):
                    response = await self._http.request(method, random.choice(self._urls) + path, **options)
                    if response.status_code not in _RETRIED:
                        return response
                await asyncio.sleep(_RETRY_INTERVAL)

    async def close(self) -> None:
        await self._http.aclose()

    # --- members -----------------------------------------------------------------------------------------------------
    async def add_member(self, group_id: str, user_id: str, token: str) -> None:
        response = await self._request("POST", f"/api/groups/{group_id}/members", token, json={"userIds": [user_id]})
        response.raise_for_status()

    async def remove_member(self, group_id: str, user_id: str, token: str) -> None:
        """Remove a user; 404 is success too, because an earlier attempt may have removed them already."""
        response = await self._request("DELETE", f"/api/groups/{group_id}/members/{quote(user_id)}", token)
        if response.status_code != httpx.codes.NOT_FOUND:
            response.raise_for_status()

    # --- files -------------------------------------------------------------------------------------------------------
    async def upload(self, group_id: str, token: str, name: str, content: bytes) -> str | None:
        """Upload a file, once, and return its id; None when it was not acknowledged."""
        try:
            response = await self._http.post(
                random.choice(self._urls) + "/api/upload",
                headers={"Authorization": f"Bearer {token}"},
                data={"groupId": group_id},
                files={"file": (name, content)},
            )
        except httpx.TransportError:
            return None
        if response.status_code in _RETRIED:
            return None
        response.raise_for_status()
        file_id: str = response.json()["file"]["id"]
        return file_id

    async def file_hash(self, file_id: str, token: str) -> str | None:
        """Return the SHA-256 of a file's content in hex; None when it is gone."""
        response = await self._request("GET", f"/api/files/{file_id}", token)
        if response.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
            return None
        response.raise_for_status()
        return hashlib.sha256(response.content).hexdigest()

    # --- reads -------------------------------------------------------------------------------------------------------
    async def groups(self, token: str) -> dict[str, dict[str, Any]]:
        """Return the caller's groups by id, from all pages."""
        groups: dict[str, dict[str, Any]] = {}
        params: dict[str, Any] = {"limit": _PAGE_SIZE}
        while True:
            page = await self.get("/api/groups", token, **params)
            groups |= {group["id"]: group for group in page["groups"]}
            if "nextCursor" not in page:
                return groups
            params["cursor"] = page["nextCursor"]

    async def unread_count(self, user_id: str, token: str, group_id: str) -> UnreadCount:
        group = (await self.groups(token))[group_id]
        return UnreadCount(user_id, group_id, group["read"], group["unread"])

    async def snapshot(self, group_id: str, token: str, start: int) -> Snapshot:
        """Return the group's messages after seq `start`, replies included."""
        messages = await self._messages_after(start, "/api/messages", token, groupId=group_id)
        replies = [
            await self._messages_after(start, f"/api/messages/{message['id']}/thread", token)
            for message in messages
            if message.get("replyCount")
        ]
        # The address of a message's page is told over HTTP alone.
        read = [{**message} for part in (messages, *replies) for message in part]
        for message in read:
            message.pop("link", None)
        return Snapshot(start, {message["id"]: message for message in read})

    async def _messages_after(self, start: int, path: str, token: str, **params: Any) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        while True:
            page = await self.get(path, token, limit=_PAGE_SIZE, **params)
            messages = page["messages"] + messages
            if not page["hasMore"] or page["messages"][0]["seq"] <= start:
                return [message for message in messages if message["seq"] > start]
            params["before"] = page["messages"][0]["seq"]


class LogReader:
    """Reads one group's log while it grows: at the end, the changes API would not reach back far enough."""

    def __init__(self, api: Api, group_id: str, token: str, start: int) -> None:
        self._api, self._group_id, self._token = api, group_id, token
        self.changes: list[Change] = []
        self.head = start
        self._lock = asyncio.Lock()

    async def follow(self) -> None:
        while True:
            await self.catch_up()
            await asyncio.sleep(_FOLLOW_INTERVAL)

    async def catch_up(self) -> None:
        """Read to the end of the log; raises `RuntimeError` when the reader fell too far behind."""
        async with self._lock:
            has_more = True
            while has_more:
                page = await self._api.get(
                    "/api/messages/changes", self._token, groupId=self._group_id, since=self.head, limit=_PAGE_SIZE
                )
                if page.get("reset"):
                    raise RuntimeError(f"The reader of {self._group_id} fell too far behind, at {self.head}")
                self.changes += [Change.from_event(change["event"], change["data"]) for change in page["changes"]]
                self.head = page["changes"][-1]["seq"] if page["changes"] else self.head
                has_more = page["hasMore"]
