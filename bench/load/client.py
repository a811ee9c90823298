"""A Socket.IO client with almost no work per message: on a busy generator, measured delays would be its own."""

import asyncio
import json
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from .recorder import Recorder

TIMEOUT = 60.0
_MESSAGE = b'42["message",'
# As people write: what is rendered of 200 bytes takes 0.3 ms.
_MARKUP = b"one **word**, some `code`, an *emphasis* and https://example.org/page (or two), as in a line of many. "
_READY = b'42["ready",'


class ConnectionRejected(Exception):
    """The server did not accept the client."""


class Client(WSListener):
    """One connection; `received` holds the numbers of the delivered messages, in order."""

    def __init__(
        self, recorder: Recorder, token: str, since: Mapping[str, int] | None = None, *, render: bool = False
    ) -> None:
        loop = asyncio.get_running_loop()
        self.received: list[int] = []
        # Its `on_acknowledged` is called for each acknowledgement.
        self.sender: Sender | None = None
        # Done when the server has accepted the client, and when our server has sent `ready`.
        self.accepted: asyncio.Future[None] = loop.create_future()
        self.ready: asyncio.Future[dict[str, Any]] = loop.create_future()
        more = {**({"since": since} if since else {}), **({"render": "html"} if render else {})}
        self._auth = json.dumps({"token": token, **more}).encode()
        self._recorder = recorder
        self._transport: WSTransport | None = None
        self._disconnecting = False
        # Used for every delivery: saves attribute lookups.
        self._number_of, self._sent_at, self._delays = recorder.number_of, recorder.sent_at, recorder.delivery_delays

    async def connect(self, url: str) -> None:
        """Return when the server has accepted the client; raises `ConnectionRejected`."""
        address = f"{url.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket"
        await ws_connect(lambda: self, address, websocket_handshake_timeout=TIMEOUT)
        await asyncio.wait_for(asyncio.shield(self.accepted), TIMEOUT)

    def disconnect(self) -> None:
        self._disconnecting = True
        if self._transport:
            self._transport.disconnect()

    def send(self, packet: bytes) -> None:
        assert self._transport
        self._transport.send(WSMsgType.TEXT, packet)

    # --- called by picows --------------------------------------------------------------------------------------------
    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._recorder.disconnects += not self._disconnecting
        self._fail("the connection was closed")

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        payload = frame.get_payload_as_bytes()
        number = self._number_of.get(payload)
        if number is None:
            self._on_other(frame, payload)
        else:
            self.received.append(number)
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
            self.accepted.set_result(None)
        elif payload.startswith(b"44"):
            self._fail(payload.decode())
        elif payload.startswith(b"0"):
            self.send(b"40" + self._auth)
        elif payload == b"2":
            self.send(b"3")

    def _on_new_message(self, payload: bytes) -> None:
        number = self._recorder.parse(payload)
        if number is not None:
            self.received.append(number)
            self._delays.append(perf_counter() - self._sent_at[number])

    def _on_acknowledgement(self, payload: bytes) -> None:
        start = payload.index(b"[")
        number, recorder = int(payload[2:start]), self._recorder
        # Both servers write `ok` first, so JSON is parsed only for errors.
        if payload.startswith(b'{"ok":true', start + 1) or (ack := json.loads(payload[start:])[0]).get("ok"):
            recorder.ack_delays.append(perf_counter() - self._sent_at[number])
            recorder.acked.append(number)
        else:
            recorder.refused += 1
            recorder.last_refusal = ack
        if self.sender:
            self.sender.on_acknowledged()

    def _fail(self, reason: str) -> None:
        for future in (self.accepted, self.ready):
            if not future.done():
                future.set_exception(ConnectionRejected(reason))
                # Mark it as retrieved: nobody awaits `ready` of a server that does not send it.
                future.exception()


class Sender:
    """Sends numbered messages to one group through one client; each `marked`th has markup, 0: none."""

    def __init__(
        self, client: Client, recorder: Recorder, *, group: int, group_id: str, size: int, marked: int = 0
    ) -> None:
        self._client, self._recorder, self._group = client, recorder, group
        self._head = f'["message",{{"groupId":{json.dumps(group_id)},"content":"'.encode()
        self._padding, self._marked = b" " + b"x" * size, marked
        self._markup = (b" " + _MARKUP * (1 + size // len(_MARKUP)))[: size + 1]
        self._callback: Callable[[Sender], object] | None = None
        client.sender = self

    def on_ack(self, callback: "Callable[[Sender], object]") -> None:
        """Call `callback` after each acknowledgement, positive or not."""
        self._callback = callback

    def send(self) -> None:
        number = self._recorder.new_message(self._group)
        content = self._recorder.content(number).encode()
        padding = self._markup if self._marked and number % self._marked == 0 else self._padding
        body = b"%b%b%b%b" % (self._head, content, padding, b'","clientId":"%b"}]' % content)
        self._client.send(b"42%d%b" % (number, body))

    def on_acknowledged(self) -> None:
        if self._callback:
            self._callback(self)
