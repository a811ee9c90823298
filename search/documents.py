"""How a message stands in the index: one document, replaced as a whole, in the order of the changes to it.

| field | what it is |
|---|---|
| `_id` | the message's id |
| `g`, `s` | its group and seq |
| `o` | its place among all messages by time: milliseconds, and 21 bits that tell those of one moment apart |
| `c` | the seq of the last change to it that the document has: none is replaced by an older one |
| `t`, `n` | its folded text, and the folded names of its files, one a line |
| `k`, `f` | the keys of `t` with the marks, and those of `n` |
| `w` | the blocks that it was in before it was written again, until these are noted as changed |
| `m` | the marks: its author, whom it names, what it has and is |

Of a deleted message `_id`, `g`, `s` and `c` stay, so that nobody who is late brings it back.
"""

import re
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from foundation.folding import fold_text
from messaging.models import Message

from .keys import keys_of_texts, mark

Document = dict[str, Any]

_LINK = re.compile(r"\bhttps?://\S", re.IGNORECASE)
_TIE_BITS, _SEQ_BITS = 21, 10
# Greater than every place.
PAST_END = 2**63 - 1


def place_of(group_id: str, seq: int, created_at: str) -> int:
    """Return a message's place among all: that of a later one is greater. Two of one moment hardly ever share one."""
    tie = (zlib.crc32(group_id.encode()) % (1 << (_TIE_BITS - _SEQ_BITS))) << _SEQ_BITS | seq % (1 << _SEQ_BITS)
    return first_place(datetime.fromisoformat(created_at)) | tie


def first_place(moment: datetime) -> int:
    """Return the least place of messages of this moment, or later; that of year 1 is 0."""
    return max(0, int(moment.timestamp() * 1000)) << _TIE_BITS


def document_of(message: Message, change: int) -> Document:
    """Return the document of a message as it is after the change with this seq, or a later one."""
    document: Document = {"_id": message.id, "g": message.group_id, "s": int(message.seq), "c": change}
    if message.deleted:
        return document
    text, names = fold_text(message.content), [fold_text(each["name"]) for each in message.attachments]
    marks = sorted({mark(operator, value) for operator, value in traits_of(message)})
    document |= {"o": place_of(message.group_id, int(message.seq), message.created_at), "t": text, "m": marks}
    document["k"] = keys_of_texts([text]) + marks
    return document | ({"n": "\n".join(names), "f": keys_of_texts(names)} if names else {})


def traits_of(message: Message) -> Iterator[tuple[str, str]]:
    """Yield what operators find of a message: (operator, value)."""
    yield "from", message.user_id
    yield from (("mentions", each) for each in message.mentions)
    if message.attachments:
        yield "has", "file"
    if any(each["type"].startswith("image/") for each in message.attachments):
        yield "has", "image"
    if _LINK.search(message.content):
        yield "has", "link"
    if message.reactions:
        yield "has", "reaction"
    if message.pinned:
        yield "is", "pinned"
    if message.parent_id or message.reply_count:
        yield "is", "thread"
