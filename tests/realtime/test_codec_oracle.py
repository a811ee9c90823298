"""Our codecs read and write what npm's `socket.io-parser` 4 and `engine.io-parser` 5 do, also damaged input.

Where we differ we say so, below, with the reason; every other difference fails.
"""

import base64
import json
import math
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from realtime.engineio import packets as engineio
from realtime.socketio import packets as socketio
from realtime.socketio.packets import Packet
from realtime.transport.errors import ProtocolError

from .node import Script, script

# A batch is one request to node; a failure names its own case, so batches need no shrinking.
BATCH = settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate)
)
_TYPES = ("open", "close", "ping", "pong", "message", "upgrade", "noop")
_SAFE = 2**53


@pytest.fixture(scope="module")
async def oracle() -> AsyncIterator[Script]:
    async with script("codec.mjs") as running:
        yield running


# --- what the input is made of ---------------------------------------------------------------------------------------
def _placeholder(number: Any) -> dict[str, Any]:
    return {"_placeholder": True, "num": number}


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-_SAFE, _SAFE)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "\udc00x", "\0", "\u2028", "__proto__", 2**64, -(2**70), 10**400])
)
values = st.recursive(
    scalars | st.sampled_from([0, 1, 2, -1, "0", None, True, 0.5]).map(_placeholder),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.just("num"), inner, max_size=3)
    ),
    max_leaves=6,
)
names: st.SearchStrategy[Any] = st.text(max_size=8) | st.sampled_from(
    [*socketio.RESERVED_EVENTS, "message", 7, 1.5, True, None, [], {}]
)
payloads = st.one_of(
    st.builds(lambda name, rest: [name, *rest], names, st.lists(values, max_size=3)),
    st.dictionaries(st.text(max_size=4), values, max_size=3),
    values,
)
written = st.builds(
    lambda payload, spaces, ascii_only: json.dumps(payload, indent=spaces, ensure_ascii=ascii_only),
    payloads,
    st.sampled_from([None, 0, 1]),
    st.booleans(),
)
texts = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from("00122223355566674"),
    st.sampled_from(["", "", "", "0-", "1-", "2-", "10-", "11-", "-", "1", "01-", "1.0-", "0x1-", "-1-"]),
    st.sampled_from(["", "", "", "/admin,", "/a?b=1,", "/", "/,", "/admin", "//x,", "/é,", "admin,"]),
    st.sampled_from(["", "", "0", "7", "12", "007", "9007199254740991", "12345678901234567", "٣", "-1", " 1", "1e3"]),
    written | st.just(""),
)


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[str], alphabet: str) -> str:
    """A text in which a few characters are lost, doubled, or others."""
    text = draw(whole)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        lost = draw(st.integers(0, 2))
        text = text[:at] + draw(st.text(alphabet, max_size=2) | st.text(max_size=1)) + text[at + lost :]
    return text


socket_texts = damaged(texts, '0123456789-/,"[]{}: \ntrue\\u_.eE')
attachment_lists = st.lists(st.binary(max_size=4), max_size=3)
engine_texts = damaged(
    st.builds(
        lambda kind, data: kind + data,
        st.sampled_from([*"0123456789b", "4", "4", "b", "x", ""]),
        st.text(max_size=8) | st.binary(max_size=8).map(lambda data: base64.b64encode(data).decode()),
    ),
    "0123456b=+/-_A\n ",
)


# --- Socket.IO -------------------------------------------------------------------------------------------------------
# Ours refuses it and theirs accepts it: why, which texts, and examples.
STRICTER = {
    "JS reads nothing, or a space, as the number 0; a type is an ASCII digit": (r"|\s.*", ["", " ", "\n{}"]),
    "an attachment count is ASCII digits, not everything that JS reads as a number": (
        r"[56](?!(?:[0-9]|10)-)[^/]*-.*",
        ['51.0-["e"]', '5001-["e"]', '50x1-["e"]', '5 1-["e"]'],
    ),
    "events, acknowledgements and errors have a payload": (
        r"[23456](?:[0-9]+-)?(?:/[^,]*,?)?[0-9\s\ufeff]*",
        ["2", "3", "31", "4", "2/admin,", "51-"],
    ),
    "an acknowledgement is of something": (r"(?:3|6[0-9]+-)(?:/[^,]*,)?[ \t\r\n]*\[.*", ["3[]", '3["e"]']),
    "an id past 16 digits, or with a space in it, becomes another number in JS": (
        r"[0-6](?:[0-9]+-)?(?:/[^,]*,)?(?:[0-9]{17,}|[0-9\s\ufeff]*[\s\ufeff][0-9\s\ufeff]*).*",
        ['212345678901234567["e"]', '21 2["e"]', '2\u3000["e"]'],
    ),
    "Python reads no integer of more than 4,300 digits": (r".*[0-9]{4300}.*", ['2["e",' + "9" * 5000 + "]"]),
    "JS finds `undefined` between two attachments": (
        r'.*"num":\s*-?[0-9]*[.eE].*',
        ['51-["e",{"_placeholder":true,"num":0.5}]'],
    ),
}


def our_socketio(text: str, attachments: list[bytes]) -> Packet | None:
    """What we read, None for what is refused; anything but `ProtocolError` fails the test."""
    try:
        packet = socketio.decode(text)
        if len(attachments) != packet.attachments:
            return None
        return socketio.with_attachments(packet, attachments) if attachments else packet
    except ProtocolError:
        return None


def _as_theirs(value: Any) -> Any:
    """Our value as the script writes theirs: numbers are doubles, bytes are named."""
    match value:
        case bytes():
            return {"$bytes": base64.b64encode(value).decode()}
        case bool() | None | str():
            return value
        case int() | float():
            try:
                number = float(value)
            except OverflowError:
                number = math.inf if value > 0 else -math.inf
            return number if math.isfinite(number) else {"$number": "Infinity" if number > 0 else "-Infinity"}
        case list():
            return [_as_theirs(item) for item in value]
    return {key: _as_theirs(item) for key, item in value.items()}


def _shown(packet: Packet) -> Any:
    """Our packet as the script writes theirs; a complete one is of its plain type."""
    kind = {5: 2, 6: 3}.get(packet.type, packet.type)
    return _as_theirs({"type": kind, "nsp": packet.namespace, "id": packet.id, "data": packet.data})


def _bytes(attachment: str | bytes) -> bytes:
    assert isinstance(attachment, bytes)
    return attachment


def _is_utf8(text: str) -> bool:
    """Bytes on the wire are UTF-8: half a surrogate pair comes escaped or not at all."""
    return not any(0xD800 <= ord(character) <= 0xDFFF for character in text)


async def ask(oracle: Script, kind: str, cases: list[Any]) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = await oracle.ask({"kind": kind, "cases": cases})
    return answers


def _compare_socketio(text: str, attachments: list[bytes], theirs: dict[str, Any]) -> None:
    packet = our_socketio(text, attachments)
    if packet is None:
        explained = "error" in theirs or any(re.fullmatch(rule, text, re.DOTALL) for rule, _ in STRICTER.values())
        assert explained, f"only theirs accepts {text!r} {attachments}: {theirs}"
        return
    assert "ok" in theirs, f"only ours accepts {text!r} {attachments}: {theirs}"
    # JS reads a space after the head as a digit 0 of the id.
    if not re.match(r"[0-6](?:[0-9]+-)?(?:/[^,]*,)?[0-9]*\s", text):
        assert _shown(packet) == _as_theirs(theirs["ok"]), text


@BATCH
@given(batch=st.lists(st.tuples(socket_texts.filter(_is_utf8), attachment_lists), min_size=10, max_size=30))
async def test_socketio_packets_are_read_alike(oracle: Script, batch: list[tuple[str, list[bytes]]]) -> None:
    cases = [[text, *(base64.b64encode(data).decode() for data in attachments)] for text, attachments in batch]
    for (text, attachments), theirs in zip(batch, await ask(oracle, "socketio", cases), strict=True):
        _compare_socketio(text, attachments, theirs)


@pytest.mark.parametrize("why", STRICTER)
async def test_each_difference_exists(oracle: Script, why: str) -> None:
    _, examples = STRICTER[why]
    for text in examples:
        attachments = [b"x"] if text.startswith(("51", "5001", "5 1", "50x1")) else []
        (theirs,) = await ask(oracle, "socketio", [[text, *(base64.b64encode(data).decode() for data in attachments)]])
        assert our_socketio(text, attachments) is None
        assert "ok" in theirs, (text, theirs)


sendable = st.recursive(
    st.none() | st.booleans() | st.integers(-_SAFE, _SAFE) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
sent = st.one_of(
    st.builds(Packet, st.just(2), st.just("/admin"), st.lists(sendable, max_size=3).map(lambda rest: ["e", *rest]),
              st.none() | st.integers(0, _SAFE)),
    st.builds(Packet, st.just(3), st.just("/"), st.lists(sendable, max_size=3), st.integers(0, _SAFE)),
    st.builds(Packet, st.sampled_from([0, 4]), st.sampled_from(["/", "/a"]),
              st.dictionaries(st.text("ab"), st.integers(0, 9))),
    st.builds(Packet, st.just(1), st.sampled_from(["/", "/a"])),
)  # fmt: skip


@BATCH
@given(batch=st.lists(sent, min_size=10, max_size=30))
async def test_what_we_write_they_read(oracle: Script, batch: list[Packet]) -> None:
    cases = []
    for packet in batch:
        head, *attachments = socketio.encode(packet)
        cases.append([str(head)[1:], *(base64.b64encode(data).decode() for data in map(_bytes, attachments))])
    for packet, theirs in zip(batch, await ask(oracle, "socketio", cases), strict=True):
        assert _shown(packet) == _as_theirs(theirs["ok"])


@pytest.mark.parametrize("depth", [200, 450, 990, 1020, 5000, 100_000])
def test_deep_nesting_is_read_or_refused_without_another_error(depth: int) -> None:
    nested = "[" * depth + "]" * depth
    our_socketio(f'2["e",{nested}]', [])
    our_socketio(f'51-["e",{nested},{{"_placeholder":true,"num":0}}]', [b""])


# --- Engine.IO -------------------------------------------------------------------------------------------------------
def our_engineio(text: str) -> dict[str, Any] | None:
    try:
        kind, data = engineio.decode(text)
    except ProtocolError:
        return None
    return {"type": _TYPES[int(kind)], "data": _as_theirs(data)}


def _compare_engineio(text: str, theirs: dict[str, Any]) -> None:
    ours = our_engineio(text)
    if ours is None:
        # Node reads as much of bad base64 as it can; its result is nothing that a client has sent.
        assert "error" in theirs or text.startswith("b"), f"only theirs accepts {text!r}: {theirs}"
    else:
        assert ours == theirs.get("ok"), text


@BATCH
@given(batch=st.lists(engine_texts, min_size=10, max_size=40))
async def test_engineio_packets_are_read_alike(oracle: Script, batch: list[str]) -> None:
    for text, theirs in zip(batch, await ask(oracle, "packet", batch), strict=True):
        _compare_engineio(text, theirs)


@BATCH
@given(batch=st.lists(st.lists(engine_texts.filter(_is_utf8), max_size=4).map("\x1e".join), min_size=5, max_size=20))
async def test_payloads_are_split_alike(oracle: Script, batch: list[str]) -> None:
    for text, theirs in zip(batch, await ask(oracle, "payload", batch), strict=True):
        ours = [our_engineio(part) for part in text.split("\x1e")]
        if None not in ours:
            assert ours == theirs.get("ok"), text
            assert len(engineio.decode_payload(text.encode())) == len(ours)
        else:
            with pytest.raises(ProtocolError):
                engineio.decode_payload(text.encode())


@BATCH
@given(batch=st.lists(st.binary(max_size=9) | st.text(max_size=8).map("4".__add__), min_size=1, max_size=20))
async def test_what_we_pack_they_unpack(oracle: Script, batch: list[str | bytes]) -> None:
    # Socket.IO's JSON has no raw separator; a bare message with one cannot be told from two.
    batch = [packet for packet in batch if isinstance(packet, bytes) or "\x1e" not in packet] or ["4"]
    (theirs,) = await ask(oracle, "payload", [engineio.encode_payload(batch)])
    data = [packet if isinstance(packet, bytes) else packet[1:] for packet in batch]
    assert theirs["ok"] == [{"type": "message", "data": _as_theirs(item)} for item in data]


@given(st.binary(max_size=40))
def test_a_body_of_any_bytes_is_read_or_refused(body: bytes) -> None:
    try:
        engineio.decode_payload(body)
    except ProtocolError:
        return
    assert body.decode()
