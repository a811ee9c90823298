"""The chat pages: the newest messages of a group as HTML, complete without a script."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from foundation.errors import ChatError, NotFound
from foundation.ids import new_id
from foundation.validation import validated
from groups import selectors as groups
from groups.selectors import GroupSummary
from messaging import selectors
from messaging.serializers import ListMessagesInput
from users import selectors as users
from users.actor import Actor
from web.shell import signed_in
from web.sign_in import clerk as clerk_page

from . import content as page_content
from . import panels as page_panels
from .content import Reader

PAGE_SIZE = 50
EMOJI = (
    *("👍", "👎", "❤️", "😂", "🎉", "🙏", "👀", "✅", "😀", "😅", "😉", "😍", "🤔", "😮", "😢", "😡"),
    *("👏", "🙌", "💪", "🤝", "👋", "🤞", "🫡", "🤷", "🔥", "⭐", "💡", "🚀", "☕", "🍕", "🎂", "🌱"),
    *("❌", "❓", "❗", "🙈", "🐛", "🔧", "📌", "📎", "📈", "⏳", "🔒", "💬", "🟢", "🟡", "🔴", "💯"),
)
# What to do about it, for the reader of the page; an error's own sentence says what it is.
ADVICE = {
    "rate_limited": "What you may have typed is still below.",
    "unavailable": "Your text is still below: send it again in a moment. It counts once, even if it has arrived.",
    "version_conflict": "Look at the message as it is now, and edit it again if you still want to.",
    "idempotency_conflict": "What you sent from here before is in the conversation. To say this too, send it again.",
}


@dataclass(frozen=True, slots=True)
class Composer:
    """A box to write in, of the conversation or of the thread `parent_id`, empty or come back from a refused POST.

    One with an `after` of its own stands for a message that may be stored already: sent again, it must be the same.
    """

    parent_id: str = ""
    text: str = ""
    # Made with the page, so that a doubled click or a reloaded POST is still one message.
    client_id: str = field(default_factory=lambda: new_id("page"))
    after: str | None = None
    attachments: tuple[str, ...] = ()
    lost_files: bool = False

    @property
    def again(self) -> bool:
        return self.after is not None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page is wanted: of which group, up to where, with which panel beside it, and what went wrong before."""

    group_id: str | None = None
    before: int | None = None
    panel: str = ""
    message_id: str = ""
    replies_before: int | None = None
    editing: str | None = None
    problem: ChatError | None = None
    matches: dict[str, Any] | None = None
    returned: Composer | None = None
    edited: str = ""
    status: int = 200


@require_safe
@signed_in
async def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list alone, which is a page of its own on a phone; else the first conversation with something unread."""
    rows = await groups.list_groups(actor=actor)
    if rows and "list" not in request.GET:
        chosen = next((row for row in rows if row.unread), rows[0])
        return HttpResponseRedirect(reverse("chat:group", args=[chosen.id]))
    return await render_chat(request, actor, Asked())


@require_safe
@signed_in
async def group(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    return await render_chat(request, actor, Asked(group_id, before=_before(request, group_id)))


@require_safe
@signed_in
async def members(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    return await render_chat(request, actor, Asked(group_id, panel="members"))


@require_safe
@signed_in
async def thread(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    before = _before(request, group_id)
    asked = Asked(group_id, panel="thread", message_id=message_id, replies_before=before)
    return await render_chat(request, actor, asked)


@require_safe
@signed_in
async def react(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    return await render_chat(request, actor, Asked(group_id, panel="react", message_id=message_id))


def _before(request: HttpRequest, group_id: str) -> int | None:
    before = request.GET.get("before")
    given = validated(ListMessagesInput, {"groupId": group_id, **({"before": before} if before else {})})
    return given.get("before")


async def render_chat(request: HttpRequest, actor: Actor, asked: Asked) -> HttpResponse:
    """Answer with the whole page; raises `NotFound` when the group is not among the actor's."""
    rows = await groups.list_groups(actor=actor)
    context = {
        **_frame(actor),
        "rows": rows,
        "view": "group" if asked.group_id else "list",
        **_composers(asked.returned),
        "problem": _problem(asked),
        "matches": asked.matches,
        "edited": asked.edited,
    }
    if asked.group_id:
        summary = next((row for row in rows if row.id == asked.group_id), None)
        if summary is None:
            raise NotFound
        context |= await _conversation(actor, summary, asked)
    return render(request, "web/page.html", context, status=asked.problem.status if asked.problem else asked.status)


async def _conversation(actor: Actor, summary: GroupSummary, asked: Asked) -> dict[str, Any]:
    page, (panel, in_panel) = await asyncio.gather(
        selectors.list_messages(actor=actor, group_id=summary.id, before=asked.before, limit=PAGE_SIZE),
        page_panels.load(actor, summary, asked.panel, asked.message_id, asked.replies_before),
    )
    ids = page_content.people_in([*page.messages, *in_panel.messages]) | in_panel.user_ids
    known = await users.get_users(user_ids=ids | {actor.user_id})
    names = {user_id: user.name for user_id, user in known.items()}
    reader = Reader(actor, summary.role, names, asked.editing)
    line_after = summary.read if summary.unread and asked.before is None else None
    return {
        "group": summary,
        "unread": summary.unread,
        "older": asked.before is not None,
        "names": names,
        "panel": panel(reader),
        "page": {
            "items": page_content.show_log(page.messages, reader, read=line_after),
            "first": page.messages[0]["seq"] if page.messages else 0,
            "has_more": page.has_more,
            "head": page.head,
        },
    }


def _frame(actor: Actor) -> dict[str, Any]:
    """Return what every chat page has."""
    return {
        "actor": actor,
        "clerk": clerk_page.context(),
        "limits": {"file": settings.MAX_FILE_BYTES, "attachments": settings.MAX_ATTACHMENTS},
        "emoji_choices": EMOJI,
        "blank": page_content.blank(actor),
    }


def _composers(returned: Composer | None) -> dict[str, Composer]:
    found = {"composer": Composer(), "reply_composer": Composer()}
    if returned:
        found["reply_composer" if returned.parent_id else "composer"] = returned
    return found


def _problem(asked: Asked) -> dict[str, Any] | None:
    error = asked.problem
    if error is None:
        return None
    sentences = [sentence for found in (error.fields or {}).values() for sentence in found]
    advice = ADVICE.get(error.code, "") if asked.returned or asked.editing else ""
    return {"message": error.message, "advice": advice, "fields": sentences}
