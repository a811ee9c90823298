"""Our websocket frames are those of the `websockets` library; events are encoded once for each encoder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame as Oracle
from websockets.frames import Opcode

from realtime.hub.event_batch import EventBatch, TransientEvent
from realtime.jsonsocket.connection import ENCODER as JSON_ENCODER
from realtime.socketio.connection import encoder_for
from realtime.transport.encoded import Encoded, websocket_frame

pytestmark = pytest.mark.unit

SIZES = st.one_of(st.integers(0, 300), st.sampled_from([125, 126, 127, 65535, 65536, 70000]))


@given(st.text(max_size=400))
def test_a_text_packet_is_one_text_frame(text: str) -> None:
    assert websocket_frame(text) == Oracle(Opcode.TEXT, text.encode(errors="replace")).serialize(mask=False)


@given(SIZES)
def test_every_length_is_encoded_as_the_protocol_says(size: int) -> None:
    assert websocket_frame(b"x" * size) == Oracle(Opcode.BINARY, b"x" * size).serialize(mask=False)
    assert websocket_frame("x" * size) == Oracle(Opcode.TEXT, b"x" * size).serialize(mask=False)


def test_packets_that_belong_together_are_sent_in_order() -> None:
    packets: list[str | bytes] = ["451-[1]", b"attachment", "3"]
    assert Encoded(packets, binary=True).frames == b"".join(map(websocket_frame, packets))


def test_a_batch_of_events_is_encoded_once_for_each_encoder() -> None:
    batch = EventBatch([TransientEvent("typing", b"{}"), TransientEvent("typing", b"[]")])
    first = batch.encoded_for(encoder_for("/"))
    assert first.packets == ['42["typing",{}]', '42["typing",[]]']
    assert batch.encoded_for(encoder_for("/")) is first
    assert first.frames is first.frames
    assert batch.encoded_for(JSON_ENCODER).packets[0] == '{"event":"typing","data":{}}'
