"""Events of a connection are handled in order, each acknowledged or answered by `error`; a bug costs one event."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from foundation.errors import Forbidden, RateLimited
from realtime import dispatcher
from realtime.dispatcher import MAX_DEFERRED, Deferred, EventDispatcher, Result
from realtime.hub.connection import Connection
from realtime.jsonsocket.connection import ENCODER
from tests.recording_channel import RecordingChannel

from .sockets import run_ready_tasks


@dataclass
class Handler:
    """Calls a function of the event's data."""

    call: Any
    pipelined: bool = False
    answer: str | None = None

    async def handle(self, consumer: EventDispatcher, data: Any) -> Result | Deferred:
        result: Result | Deferred = self.call(data)
        return result


@dataclass
class Client:
    """A connection to a dispatcher with these handlers."""

    dispatcher: EventDispatcher
    channel: RecordingChannel = field(default_factory=RecordingChannel)
    acknowledged: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dispatcher.connection = Connection(encoder=ENCODER, channel=self.channel)

    async def send(self, event: Any, *arguments: Any, ack: bool = True) -> None:
        acknowledge = self._acknowledge if ack else None
        await self.dispatcher.receive_event(event, list(arguments), acknowledge)

    def _acknowledge(self, arguments: list[Any]) -> None:
        self.acknowledged.append(*arguments)

    @property
    def errors(self) -> list[tuple[str, str]]:
        packets = [orjson.loads(packet) for packet in self.channel.packets]
        return [(packet["data"]["event"], packet["data"]["code"]) for packet in packets if packet["event"] == "error"]


def client(**handlers: Handler) -> Client:
    dispatcher = EventDispatcher()
    dispatcher.events = handlers
    return Client(dispatcher)


def forbidden(data: Any) -> Result:
    raise Forbidden


def rate_limited(data: Any) -> Result:
    raise RateLimited(retry_after=1)


def bug(data: Any) -> Result:
    raise ZeroDivisionError


def deferred(call: Any) -> Any:
    async def outcome(data: Any) -> Result:
        result: Result = call(data)
        return result

    return lambda data: Deferred(outcome(data))


ECHO = Handler(lambda data: {"data": data})


async def test_the_acknowledgement_has_what_the_handler_returns() -> None:
    sender = client(echo=ECHO, silent=Handler(lambda data: None))
    await sender.send("echo", "ahoy")
    await sender.send("silent", {})
    assert sender.acknowledged == [{"ok": True, "data": "ahoy"}, {"ok": True}]
    await sender.send("echo", "ahoy", ack=False)
    assert sender.channel.packets == []


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (forbidden, "forbidden"),
        (bug, "unavailable"),
        (deferred(forbidden), "forbidden"),
        (deferred(bug), "unavailable"),
    ],
)
async def test_a_failure_is_acknowledged_or_sent_as_error_and_the_next_event_is_handled(call: Any, code: str) -> None:
    sender = client(fail=Handler(call), echo=ECHO)
    await sender.send("fail", {})
    await sender.send("fail", {}, ack=False)
    await sender.send("echo", 1)
    failure, success = sender.acknowledged
    assert (failure["ok"], failure["error"]["code"]) == (False, code)
    assert sender.errors == [("fail", code)]
    assert success == {"ok": True, "data": 1}


@pytest.mark.parametrize("event", ["unknown", 7, "\ud83d"])
async def test_an_unknown_event_is_refused(event: Any) -> None:
    sender = client(echo=ECHO)
    await sender.send(event, {})
    await sender.send(event, {}, ack=False)
    assert sender.acknowledged[0]["error"]["code"] == "invalid"
    assert [code for _, code in sender.errors] == ["invalid"]


@pytest.mark.parametrize("arguments", [[], [1, 2]])
async def test_an_event_takes_one_argument(arguments: list[Any]) -> None:
    sender = client(echo=ECHO)
    await sender.send("echo", *arguments)
    assert sender.acknowledged[0]["error"]["code"] == "invalid"


class Gated:
    """A pipelined handler whose outcomes wait until the gate is opened."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.handler = Handler(lambda data: Deferred(self._outcome(data)), pipelined=True)

    async def _outcome(self, data: Any) -> Result:
        await self.gate.wait()
        return {"data": data}


async def test_pipelined_events_overtake_pending_outcomes_and_other_events_wait_for_them() -> None:
    gated = Gated()
    sender = client(send=gated.handler, echo=ECHO)
    await sender.send("send", 1)
    await sender.send("send", 2)
    waiting = asyncio.create_task(sender.send("echo", 3))
    await asyncio.sleep(0)
    assert sender.acknowledged == []
    gated.gate.set()
    await waiting
    assert [acknowledgement["data"] for acknowledgement in sender.acknowledged] == [1, 2, 3]


async def test_only_so_many_outcomes_of_a_connection_are_pending() -> None:
    gated = Gated()
    sender = client(send=gated.handler)
    for number in range(MAX_DEFERRED):
        await sender.send("send", number)
    one_more = asyncio.create_task(sender.send("send", MAX_DEFERRED))
    await asyncio.sleep(0)
    assert not one_more.done()
    gated.gate.set()
    await one_more
    earlier = sender.acknowledged[:MAX_DEFERRED]
    assert [acknowledgement["data"] for acknowledgement in earlier] == list(range(MAX_DEFERRED))


async def test_a_connection_waits_after_an_event_over_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "REFUSED_SECONDS", 3600)
    fast = client(flood=Handler(rate_limited))
    sending = asyncio.create_task(fast.send("flood", {}))
    await run_ready_tasks()
    # It has its error, and its next event is not handled yet.
    assert fast.acknowledged[0]["error"]["code"] == "rate_limited"
    assert not sending.done()
    sending.cancel()
