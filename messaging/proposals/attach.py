"""The rule for attachments: a file belongs to one message, because it is deleted with it."""

from collections.abc import Mapping, Sequence

from foundation.errors import Invalid
from groups import models
from groups.log.state import LogState


async def find_attached_files(state: LogState, file_ids: Sequence[str]) -> dict[str, int]:
    """Return the seq of the message that each of the files is attached to, as of the state; other files are left out.

    A message after the state's end may be this very one, whose response was lost. It is left out: the append then
    fails, and the next attempt has read that message.
    """
    attached = await models.find_attached_files(state.group_id, file_ids)
    return {file_id: seq for file_id, seq in attached.items() if seq <= state.seq}


def require_unattached(attached: Mapping[str, int]) -> None:
    """Raise `Invalid` (`attachments`) if there are files that belong to another message."""
    if attached:
        problems = [f"The file {file_id} belongs to another message: upload it again." for file_id in attached]
        raise Invalid("Some fields are not valid.", fields={"attachments": problems})
