"""The Socket.IO packets, as the protocol's text gives them."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.engineio import packets as engineio
from realtime.socketio import packets as socketio
from realtime.socketio.packets import Packet
from realtime.transport.errors import ProtocolError

pytestmark = pytest.mark.unit

GOOD = [
    ("0", Packet(socketio.CONNECT)),
    ('0{"token":"t"}', Packet(socketio.CONNECT, data={"token": "t"})),
    ("0/admin,", Packet(socketio.CONNECT, "/admin")),
    ('0/admin,{"a":1}', Packet(socketio.CONNECT, "/admin", {"a": 1})),
    ("0/admin", Packet(socketio.CONNECT, "/admin")),
    ("1", Packet(socketio.DISCONNECT)),
    ("1/admin,", Packet(socketio.DISCONNECT, "/admin")),
    ('2["hello"]', Packet(socketio.EVENT, data=["hello"])),
    ('212["hello",{"a":[1]}]', Packet(socketio.EVENT, data=["hello", {"a": [1]}], id=12)),
    ('2/admin,3["hello"]', Packet(socketio.EVENT, "/admin", ["hello"], 3)),
    ("2[7]", Packet(socketio.EVENT, data=[7])),
    ("31[]", Packet(socketio.ACK, data=[], id=1)),
    ('51-["f",{"_placeholder":true,"num":0}]', Packet(5, data=["f", {"_placeholder": True, "num": 0}], attachments=1)),
]

BAD = [
    "",
    "7",
    "x",
    "2",
    "2{}",
    "2[]",
    '2"a"',
    "2[null]",
    "2[true]",
    "2[{}]",
    '2["connect"]',
    '2["disconnect"]',
    '2["newListener"]',
    "2[",
    "2[1e999",
    "0[]",
    '0"a"',
    "1{}",
    "3[]",
    "31{}",
    "5[]",
    '50-["a"]',
    "5-[]",
    '2٣["a"]',
    '212345678901234567["a"]',
    "2" + "[" * 100_000,
]


@pytest.mark.parametrize(("text", "packet"), GOOD)
def test_a_good_packet_is_understood(text: str, packet: Packet) -> None:
    assert socketio.decode(text) == packet


@pytest.mark.parametrize("text", BAD)
def test_a_bad_packet_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        socketio.decode(text)


@given(st.text(alphabet='0123456789-/,"[]{}: ntrue\\u_') | st.text())
def test_nothing_but_its_own_error_is_ever_raised(text: str) -> None:
    with contextlib.suppress(ProtocolError):
        socketio.decode(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.lists(json_values, max_size=3), st.none() | st.integers(0, 10**15), st.sampled_from(["/", "/admin"]))
def test_what_is_encoded_is_decoded_again(arguments: list[Any], packet_id: int | None, namespace: str) -> None:
    packet = Packet(socketio.EVENT, namespace, ["hello", *arguments], packet_id)
    (text,) = socketio.encode(packet)
    kind, data = engineio.decode(str(text))
    assert kind == engineio.MESSAGE
    assert socketio.decode(str(data)) == packet


@pytest.mark.parametrize("text", ["", "7", "b!", "é", "\x1e"])
def test_a_frame_of_no_known_type_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        engineio.decode(text)
