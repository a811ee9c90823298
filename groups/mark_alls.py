"""What a mark of an older version lacks: how many of the messages up to it name everybody."""

from collections.abc import Mapping
from dataclasses import replace

from realtime.hub.change import Position

from .log import queries
from .read_mark import ReadMark


async def find_unknown(marks: Mapping[str, ReadMark], heads: Mapping[str, Position]) -> dict[str, ReadMark]:
    """Return those of these marks, by group id, that lack it, with what the log's entry there says.

    Where nobody has ever named everybody, nothing is read. A mark has it once it is moved. Raises `Unavailable`.
    """
    unknown = {id_: mark for id_, mark in marks.items() if mark.all_count is None and heads[id_].all_count}
    entries = await queries.get_entries((group_id, mark.seq) for group_id, mark in unknown.items())
    return {
        group_id: replace(mark, all_count=entries[group_id, mark.seq].position.all_count)
        for group_id, mark in unknown.items()
        if (group_id, mark.seq) in entries
    }
