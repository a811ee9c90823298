"""Each reason with which something closes a connection is counted under a word of its own kind."""

import re
from pathlib import Path

import pytest

from realtime.transport import close_reasons
from realtime.transport.close_reasons import counted_reason, lost_reason

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parent.parent.parent
# Before a client has signed in, it is not counted.
UNCOUNTED = {"no connect event came", "no namespace was connected", "too many connections that have not signed in"}


def test_no_reason_is_counted_as_one_of_the_others() -> None:
    texts = {
        match
        for path in (ROOT / "realtime").rglob("*.py")
        for match in re.findall(r"""\.(?:close|end)\((?:\w+, )?"([^"]+)\"""", path.read_text())
    }
    assert len(texts) >= 8
    assert {text for text in texts - UNCOUNTED if counted_reason(text) == close_reasons.OTHER} == set()


@pytest.mark.parametrize(
    ("code", "word"),
    [(1000, "client"), (1001, "client"), (1005, "client"), (1006, "lost"), (1002, "protocol"), (1011, "failed")],
)
def test_a_lost_websocket_is_counted_by_its_close_code(code: int, word: str) -> None:
    assert counted_reason(lost_reason(code)) == word


def test_what_nobody_knows_is_other() -> None:
    assert counted_reason("the client asked for it") == close_reasons.OTHER
