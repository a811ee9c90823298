"""A Socket.IO client that does next to nothing for a message: what a generator spends, it cannot measure."""

import asyncio
import json
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from .notes import Notes

PATIENCE = 60.0
_MESSAGE = b'42["message",'
_READY = b'42["ready",'


class Refused(Exception):
    """The server did not let the client in."""


class Client(WSListener):
    """One connection; `seen` holds the numbers of the messages that came, in the order of arrival."""

    def __init__(self, notes: Notes, token: str, since: Mapping[str, int] | None = None) -> None:
        loop = asyncio.get_running_loop()
        self.seen: list[int] = []
        # Whoever sends through this client hears of each acknowledgement.
        self.sender: Sender | None = None
        # Done when the server has let the client in, and, on our server, told it where its groups stand.
        self.entered: asyncio.Future[None] = loop.create_future()
        self.ready: asyncio.Future[dict[str, Any]] = loop.create_future()
        self._auth = json.dumps({"token": token, **({"since": since} if since else {})}).encode()
        self._notes = notes
        self._transport: WSTransport | None = None
        self._leaving = False
        # Looked up for every delivery.
        self._number_of, self._sent_at, self._delays = notes.number_of, notes.sent_at, notes.delivery_delays

    async def connect(self, url: str) -> None:
        """Return when the server has let the client in; raises `Refused`."""
        address = f"{url.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket"
        await ws_connect(lambda: self, address, websocket_handshake_timeout=PATIENCE)
        await asyncio.wait_for(asyncio.shield(self.entered), PATIENCE)

    def leave(self) -> None:
        self._leaving = True
        if self._transport:
            self._transport.disconnect()

    def send(self, packet: bytes) -> None:
        assert self._transport
        self._transport.send(WSMsgType.TEXT, packet)

    # --- picows' side ------------------------------------------------------------------------------------------------
    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._notes.disconnects += not self._leaving
        self._fail("the connection ended")

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        payload = frame.get_payload_as_bytes()
        number = self._number_of.get(payload)
        if number is None:
            self._on_other(frame, payload)
        else:
            self.seen.append(number)
            self._delays.append(perf_counter() - self._sent_at[number])

    def _on_other(self, frame: WSFrame, payload: bytes) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            assert self._transport
            self._transport.disconnect()
        elif payload.startswith(_MESSAGE):
            self._on_new_message(payload)
        elif payload.startswith(b"43"):
            self._on_acknowledgement(payload)
        elif payload.startswith(_READY):
            if not self.ready.done():
                self.ready.set_result(json.loads(payload[2:])[1])
        elif payload.startswith(b"40"):
            self.entered.set_result(None)
        elif payload.startswith(b"44"):
            self._fail(payload.decode())
        elif payload.startswith(b"0"):
            self.send(b"40" + self._auth)
        elif payload == b"2":
            self.send(b"3")

    def _on_new_message(self, payload: bytes) -> None:
        number = self._notes.read(payload)
        if number is not None:
            self.seen.append(number)
            self._delays.append(perf_counter() - self._sent_at[number])

    def _on_acknowledgement(self, payload: bytes) -> None:
        start = payload.index(b"[")
        number, notes = int(payload[2:start]), self._notes
        # Both servers write `ok` first; only what is not plainly good is parsed.
        if payload.startswith(b'{"ok":true', start + 1) or (answer := json.loads(payload[start:])[0]).get("ok"):
            notes.ack_delays.append(perf_counter() - self._sent_at[number])
            notes.acked.append(number)
        else:
            notes.refused += 1
            notes.last_refusal = answer
        if self.sender:
            self.sender.on_acknowledged()

    def _fail(self, why: str) -> None:
        for waited in (self.entered, self.ready):
            if not waited.done():
                waited.set_exception(Refused(why))
                # Who waits hears of it; nobody waits for `ready` on a server that does not send it.
                waited.exception()


class Sender:
    """Sends numbered messages to one group through one client; `next` is called when one was acknowledged."""

    def __init__(self, client: Client, notes: Notes, *, group: int, group_id: str, size: int) -> None:
        self._client, self._notes, self._group = client, notes, group
        self._head = f'["message",{{"groupId":{json.dumps(group_id)},"content":"'.encode()
        self._padding = b" " + b"x" * size
        self._next: Callable[[Sender], object] | None = None
        client.sender = self

    def then(self, following: "Callable[[Sender], object]") -> None:
        """Call this after each acknowledgement."""
        self._next = following

    def send(self) -> None:
        number = self._notes.new_message(self._group)
        content = self._notes.content(number).encode()
        body = b"%b%b%b%b" % (self._head, content, self._padding, b'","clientId":"%b"}]' % content)
        self._client.send(b"42%d%b" % (number, body))

    def on_acknowledged(self) -> None:
        if self._next:
            self._next(self)
