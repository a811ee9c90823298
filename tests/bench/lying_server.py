"""The server, except that it acknowledges every second edit without storing it, or turns the content of messages round.

`LIE` says which: `edits` or `contents`.
"""

import itertools
import os
from dataclasses import replace
from typing import Any

from chatproject.asgi import application
from groups.log.proposal import Append, LogView, NoOp
from messaging.proposals.edit import EditMessageProposal
from messaging.proposals.send import SendMessageProposal

__all__ = ["application"]

_decide_edit = EditMessageProposal.decide
_begin_send = SendMessageProposal.__init__
_edit_numbers = itertools.count(1)


def decide_half(proposal: EditMessageProposal, view: LogView) -> Append | NoOp:
    decided = _decide_edit(proposal, view)
    if isinstance(decided, NoOp) or next(_edit_numbers) % 2:
        return decided
    message = proposal._require_undeleted(view)
    return NoOp(replace(message, content=proposal.content, version=message.version + 1))


def send_backwards(proposal: SendMessageProposal, *arguments: Any, content: str, **options: Any) -> None:
    _begin_send(proposal, *arguments, content=content[::-1], **options)


if os.environ["LIE"] == "edits":
    EditMessageProposal.decide = decide_half  # type: ignore[method-assign,assignment]
else:
    SendMessageProposal.__init__ = send_backwards  # type: ignore[method-assign,assignment]
