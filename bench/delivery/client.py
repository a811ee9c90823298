"""A chat client on an unreliable network: it drops its connection, retries, resumes and changes its transport."""

import asyncio
import contextlib
import hashlib
import itertools
import time
from collections import defaultdict
from typing import Any

from .evidence import Ack, Operation, ReadMark, Send, Upload
from .http_api import Api
from .listener import Listener
from .transports import ConnectionLost

EMOJI = ("👍", "🎉", "👀")
# The weights of a random choice; "twice" sends one message in two concurrent requests, "burst" several at once.
ACTIONS = {"send": 50, "reply": 10, "edit": 9, "react": 10, "delete": 3, "read": 9, "twice": 3, "burst": 3, "upload": 3}
_BURST = 3
# Bytes of a file: one chunk in the store, several, several writes.
_FILE_SIZES = (1_000, 300_000, 1_200_000)
# Errors that are not anomalies: other clients delete messages, and servers limit rates and restart.
EXPECTED_ERRORS = {"gone", "rate_limited", "unavailable"}
_DROP_CHANCE, _CLOSE_CHANCE = 0.05, 0.03
_MAX_OFFLINE = 2.0
_RECENT = 30


class Client(Listener):
    """Acts at random in its user's groups, and records all that it requests as evidence."""

    def __init__(self, *arguments: Any, api: Api, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Messages without an acknowledgement so far, by clientId.
        self.pending: dict[str, dict[str, Any]] = {}
        self._api = api
        self._requested_at: dict[str, float] = {}
        self._own_messages: dict[str, list[str]] = defaultdict(list)

    async def run(self, pause: float, stopping: asyncio.Event) -> None:
        """Act every `pause` seconds on average until cancelled; after `stopping`, only finish sends and listen."""
        while True:
            try:
                await self._connect()
                for request in list(self.pending.values()):
                    await self._send(request)
                while not stopping.is_set():
                    await asyncio.sleep(self._random.expovariate(1 / pause))
                    interrupt = self._random.random() < _DROP_CHANCE + _CLOSE_CHANCE
                    await (self._interrupt() if interrupt else self._act())
                await self._listen()
            except ConnectionLost:
                self.stats["lost connections"] += 1
            finally:
                await self._disconnect()
            # At once, as client libraries do (perhaps to a server that lags behind), or after a while.
            await asyncio.sleep(self._random.choice([0.05, self._random.uniform(0, _MAX_OFFLINE)]))

    async def _listen(self) -> None:
        """Listen while connected with nothing to send; then raise `ConnectionLost`, so that `run` reconnects."""
        transport = self._transport
        while transport and not transport.lost.is_set() and not self.pending:  # noqa: ASYNC110 - two conditions
            await asyncio.sleep(0.1)
        raise ConnectionLost

    # --- acting ------------------------------------------------------------------------------------------------------
    async def _act(self) -> None:
        group_id = self._random.choice(list(self.positions))
        (action,) = self._random.choices(list(ACTIONS), list(ACTIONS.values()))
        self.stats[action] += 1
        recent = list(self.snapshots[group_id].messages.values())[-_RECENT:]
        existing = [message for message in recent if not message.get("deleted")]
        if action == "read":
            await self._move_read_mark(group_id)
        elif action == "upload":
            await self._upload(group_id)
        elif action == "burst":
            await self._send_burst(group_id)
        elif action == "react" and existing:
            emoji, change = self._random.choice(EMOJI), self._random.choice(["add", "add", "remove"])
            message_id = self._random.choice(existing)["id"]
            await self._change("reaction", group_id, message_id, emoji=emoji, action=change)
        elif action in ("edit", "delete") and (own := self._own_messages[group_id][-_RECENT:]):
            text = {"content": f"edit {self._number()} of {self.name}"} if action == "edit" else {}
            await self._change(action, group_id, self._random.choice(own), **text)
        else:
            roots = [message for message in existing if "parentId" not in message]
            parent = self._random.choice(roots)["id"] if action == "reply" and roots else None
            request = self._new_request(group_id, parent)
            await asyncio.gather(*(self._send(request) for _ in range(2 if action == "twice" else 1)))

    async def _interrupt(self) -> None:
        """Close the connection properly, or drop it during a send, whose acknowledgement is then lost."""
        if self._random.random() < _CLOSE_CHANCE / (_DROP_CHANCE + _CLOSE_CHANCE):
            self.stats["closes"] += 1
            await self._disconnect(gracefully=True)
            raise ConnectionLost
        sending = asyncio.create_task(self._send(self._new_request(self._random.choice(list(self.positions)), None)))
        await asyncio.sleep(self._random.uniform(0, 0.02))
        self.stats["drops"] += 1
        await self._disconnect()
        sending.cancel()
        with contextlib.suppress(ConnectionLost, asyncio.CancelledError):
            await sending
        raise ConnectionLost

    def _number(self) -> int:
        self.stats["requests"] += 1
        return self.stats["requests"]

    def _new_request(self, group_id: str, parent_id: str | None, *, file_ids: tuple[str, ...] = ()) -> dict[str, Any]:
        client_id = f"{self.name}-{self._number()}"
        send = Send(group_id, self.user.id, client_id, f"{client_id} says ahoy", parent_id, file_ids)
        request: dict[str, Any] = {"groupId": group_id, "content": send.content, "clientId": client_id}
        request |= {"after": self.positions[group_id], **({"parentId": parent_id} if parent_id else {})}
        request |= {"attachments": list(file_ids)} if file_ids else {}
        self._evidence.add_send(send)
        self.pending[client_id], self._requested_at[client_id] = request, time.monotonic()
        return request

    async def _send(self, request: dict[str, Any]) -> Ack | None:
        """Send until the server accepts or rejects it; raises `ConnectionLost`, and the request stays pending.

        Returns the acknowledgement if it was accepted, as new, at the first try of this call.
        """
        group_id, client_id = request["groupId"], request["clientId"]
        for attempt in itertools.count():
            response = await self._call("message", request)
            if not response["ok"] and response["error"]["retryable"]:
                await asyncio.sleep(response["error"].get("retryAfter") or 0.5)
                continue
            self.pending.pop(client_id, None)
            if not response["ok"]:
                return None
            ack, duplicate = self._on_sent(group_id, client_id, response["message"]), response.get("duplicate")
            self.stats["duplicates" if duplicate else "acknowledged"] += 1
            return None if attempt or duplicate else ack
        raise AssertionError

    def _on_sent(self, group_id: str, client_id: str, message: dict[str, Any]) -> Ack:
        times = self._requested_at[client_id], time.monotonic()
        ack = Ack(group_id, self.user.id, client_id, message["id"], message["seq"], *times)
        self._evidence.acks.append(ack)
        self._evidence.add_shown(f"acknowledgement of {client_id}", message)
        self._own_messages[group_id].append(message["id"])
        return ack

    async def _send_burst(self, group_id: str) -> None:
        requests = [self._new_request(group_id, None) for _ in range(_BURST)]
        acks = await asyncio.gather(*(self._send(request) for request in requests))
        if seqs := [ack.seq for ack in acks if ack]:
            self._evidence.bursts.append(seqs)

    async def _upload(self, group_id: str) -> None:
        """Upload a file, and send it in a message once it is acknowledged."""
        content = self._random.randbytes(self._random.choice(_FILE_SIZES))
        file_id = await self._api.upload(group_id, self.user.token, f"{self._number()}.bin", content)
        if file_id:
            self.stats["uploads acknowledged"] += 1
            upload = Upload(file_id, group_id, self.user.id, hashlib.sha256(content).hexdigest())
            self._evidence.uploads.append(upload)
            await self._send(self._new_request(group_id, None, file_ids=(file_id,)))

    async def _change(self, kind: str, group_id: str, message_id: str, **fields: Any) -> None:
        """Edit, delete or react; the operation is kept as evidence before it is requested."""
        operation = Operation(kind, group_id, self.user.id, message_id, requested_at=time.monotonic(), **fields)
        self._evidence.operations.append(operation)
        event = kind if kind == "reaction" else f"{kind}_message"
        ack = await self._call(event, {"messageId": message_id, **fields})
        if not ack["ok"]:
            operation.refused = ack["error"]["code"] != "unavailable"
            return
        operation.acknowledged, operation.received_at = True, time.monotonic()
        self.stats[f"{kind}s acknowledged"] += 1
        operation.version = ack.get("message", {}).get("version", 0)
        operation.seq = ack.get("seq", 0)
        self._evidence.add_shown(f"acknowledgement of {kind} to {self.name}", ack)

    async def _move_read_mark(self, group_id: str) -> None:
        seq, requested_at = max(0, self.positions[group_id] - self._random.randrange(40)), time.monotonic()
        ack = await self._call("thread_read", {"groupId": group_id, "seq": seq})
        if ack["ok"]:
            mark = ReadMark(self.user.id, group_id, requested_at, time.monotonic(), ack["read"], seq)
            self._evidence.read_marks.append(mark)

    async def _call(self, event: str, data: dict[str, Any]) -> dict[str, Any]:
        if self._transport is None:
            raise ConnectionLost
        ack = await self._transport.call(event, data)
        if not ack["ok"]:
            code = ack["error"]["code"]
            self.stats[f"error: {code}"] += 1
            if code not in EXPECTED_ERRORS:
                self._report_anomaly(f"got an error for {event}: {ack['error']}")
        return ack
