"""The composer, the form to write a message in, of a group or a thread: empty, or filled after a failed send."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils.translation import get_language

from foundation.errors import Forbidden
from foundation.ids import new_id
from groups.access import require_may_post
from groups.policy import MANAGERS, OWNER_ALONE, Policy, Rules
from groups.summary import GroupSummary
from web.said import message_of


@dataclass(frozen=True, slots=True)
class Composer:
    """The fields of the form; `parent_id` is the thread's, and empty for the group itself.

    `after` is set only for a retry: the first try may have stored the message, so everything is sent as it was then.
    """

    parent_id: str = ""
    text: str = ""
    # Made with the page, so that a double click, or a POST that the browser repeats, is stored once.
    client_id: str = field(default_factory=lambda: new_id("page"))
    after: str | None = None
    # Of a reply: whether the group is told of it too.
    also_to_group: bool = False
    attachments: tuple[str, ...] = ()
    files_lost: bool = False
    # HTML of how the text will look, where somebody has asked for it without a script.
    preview: str = ""

    @property
    def is_retry(self) -> bool:
        return self.after is not None


def composers(filled: Composer | None) -> dict[str, Composer]:
    """Return the group's and the thread's composer, one of them `filled` if a send has failed."""
    by_name = {"composer": Composer(), "reply_composer": Composer()}
    if filled:
        by_name["reply_composer" if filled.parent_id else "composer"] = filled
    return by_name


def closed_context(group: GroupSummary) -> dict[str, Any]:
    """Return {"why"}, why the viewer may not post in the group ("" where they may), and the sentences for each reason.

    The script chooses among them when the group changes (conversation/place.js).
    """
    return {"why": _why_closed(group.rules, group.role), **_sentences(get_language())}


def _why_closed(rules: Rules, role: str) -> str:
    try:
        require_may_post(rules, role)
    except Forbidden as refusal:
        return message_of(refusal)
    return ""


@cache
def _sentences(language: str | None) -> dict[str, str]:
    rules = {
        "archived": Rules(is_archived=True),
        **{who: Rules(Policy(post=who)) for who in (MANAGERS, OWNER_ALONE)},
    }
    return {name: _why_closed(each, "member") for name, each in rules.items()}
