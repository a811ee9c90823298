"""The chat page: the shell, a group's conversation (its newest or older messages), and a panel beside it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from foundation.errors import AppError, NotFound
from foundation.ids import new_id
from foundation.validation import validated
from groups import selectors as groups
from groups.blocking.selectors import blocked_ids
from groups.invitations.selectors import count_invitations
from groups.sections.selectors import get_sections
from groups.summary import GroupSummary
from messaging import selectors
from messaging.inbox import selectors as inbox
from messaging.serializers import ListMessagesInput
from messaging.text.answers import with_html
from users import selectors as users
from users.actor import Actor

from .content_security import let_start_worker
from .conversation.composer import Composer, closed_context, composers
from .conversation.content import FOLD, HEADING_WINDOW, Viewer, empty_contexts, log_context, user_ids_in
from .fragments import Fragment, fragment_of, vary
from .languages import render_in_thread
from .main import MainLoader
from .panel import Panel, PanelLoader
from .reactions.content import EMOJI
from .reports.content import moderation_context
from .shell import problem_of, shell_context, with_headers_of

MESSAGES_SHOWN = 50
# What the user can do about an error, for a page that still has their text; the error's message says what it is.
ADVICE = {
    "rate_limited": _("What you may have typed is still below."),
    "unavailable": _("Your text is still below: send it again in a moment. It counts once, even if it has arrived."),
    "version_conflict": _("Look at the message as it is now, and edit it again if you still want to."),
    "idempotency_conflict": _("What you sent from here before is in the conversation. To say this too, send it again."),
}
NEW_GROUP_ADVICE = {
    "unavailable": _("Try again in a moment: it is one group, even if it has been made."),
    "idempotency_conflict": _("From this form you have made another group before. To make this one too, try again."),
}


@dataclass(frozen=True, slots=True)
class NewGroup:
    """What the forms for a new group contain: a `client_id` makes one group, however often it is sent."""

    name: str = ""
    client_id: str = field(default_factory=lambda: new_id("page"))


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a page shows. Without a `group_id` it is the list of groups alone, or with `main` what that loads.

    `groups_cursor`: the sidebar has a page of all groups, the one after this cursor ("": the first); else those that
    were written to last.
    `place`: where the page of messages lies, as `messaging.selectors.read_page` takes it (`before`, `after`, `around`);
    empty for where the unread ones begin, and with `newest`, or where nothing is unread, for the newest.
    `found`: the id of a message that is marked. `editing`: this message has a form in its place, with the text `edited`
    if there is any. `problem`, `matches`, `composer` and `new_group` come from a form that has failed: the error, the
    users that a name may mean, and what was typed. `advice` is said beside a problem with what was typed, in place of
    that of its kind.
    """

    group_id: str | None = None
    groups_cursor: str | None = None
    place: Mapping[str, Any] = field(default_factory=dict)
    newest: bool = False
    found: str | None = None
    panel: PanelLoader | None = None
    main: MainLoader | None = None
    editing: str | None = None
    edited: str = ""
    problem: AppError | None = None
    advice: str = ""
    matches: dict[str, Any] | None = None
    composer: Composer | None = None
    new_group: NewGroup | None = None
    status: int = 200

    @property
    def names_part_of_log(self) -> bool:
        return bool(self.place or self.newest or self.editing)


def place_parameters(request: HttpRequest, group_id: str, *names: str) -> dict[str, Any]:
    """Return those of the address's `before`, `after` and `around` that are named; raises `Invalid` for a wrong one."""
    given = {name: value for name in names if (value := request.GET.get(name))}
    data = validated(ListMessagesInput, {"groupId": group_id, **given})
    return {name: data[name] for name in given}


async def render_page(request: HttpRequest, actor: Actor, page_request: PageRequest) -> HttpResponse:
    """Return the page, or the part that a script asks for; raises `NotFound` when the actor is not in the group."""
    fragment = fragment_of(request)
    rows, around = await (_around_part(actor, page_request) if fragment else _around_page(actor, page_request))
    context = {
        **around,
        "view": _view(page_request),
        **composers(page_request.composer),
        "problem": _problem(page_request),
        "matches": page_request.matches,
        "edited": page_request.edited,
        "new_group": page_request.new_group or NewGroup(),
    }
    if page_request.group_id:
        summary = next((row for row in rows if row.id == page_request.group_id), None)
        if summary is None:
            raise NotFound
        alone = fragment is Fragment.PANEL and not page_request.names_part_of_log
        context |= await _conversation(actor, summary, page_request, panel_alone=alone)
    elif page_request.main:
        context["main"] = await page_request.main(actor)
    problem = page_request.problem
    status = problem.status if problem else page_request.status
    # On a thread: 50 long messages take longer than anybody should have the loop.
    template = "web/fragment.html" if fragment else "web/shell.html"
    response = await render_in_thread(request, template, context, status=status)
    vary(response)
    let_start_worker(request, response)
    return with_headers_of(problem, response) if problem else response


async def _around_page(actor: Actor, page_request: PageRequest) -> tuple[list[GroupSummary], dict[str, Any]]:
    """Return the groups of the sidebar, and what else a whole page has around its parts."""
    # The sections and the preferences with the revision, which lies beside them.
    (rows, more_url), inbox_context, told, own, sections = await asyncio.gather(
        _sidebar(actor, page_request),
        _inbox(actor),
        moderation_context(actor),
        _own(actor),
        get_sections(actor=actor),
    )
    return rows, {
        **shell_context(actor, rows, more_url, sections),
        "emoji_choices": EMOJI,
        "empty": empty_contexts(),
        "edit_history": settings.EDIT_HISTORY,
        "fold": FOLD,
        "heading_seconds": int(HEADING_WINDOW.total_seconds()),
        **inbox_context,
        **told,
        **own,
    }


async def _around_part(actor: Actor, page_request: PageRequest) -> tuple[list[GroupSummary], dict[str, Any]]:
    """Return the group that is shown, which the sidebar may lack, and what is read around the parts."""
    shown = [page_request.group_id] if page_request.group_id else []
    rows, inbox_context, sections = await asyncio.gather(
        groups.list_summaries(actor=actor, group_ids=shown), _inbox(actor), get_sections(actor=actor)
    )
    around = {"rows": rows, "sidebar": {"all_sections": sections.sections}, **inbox_context}
    return rows, {"actor": actor, "emoji_choices": EMOJI, **around}


def _view(page_request: PageRequest) -> str:
    """Return which half of the page a phone shows: what is wrong with a form stands where conversations do."""
    shown = page_request.group_id or page_request.main or page_request.problem or page_request.matches
    return "group" if shown else "list"


async def _own(actor: Actor) -> dict[str, Any]:
    invitations, preferences = await asyncio.gather(count_invitations(actor=actor), users.get_preferences(actor=actor))
    return {"invitations_open": invitations, "preferences": preferences}


async def _inbox(actor: Actor) -> dict[str, int]:
    # The revision first: what is told after it may not be counted yet.
    revision = await users.get_revision(user_id=actor.user_id)
    return {"inbox_revision": revision, "inbox_unread": await inbox.count_unread(actor=actor)}


async def _sidebar(actor: Actor, page_request: PageRequest) -> tuple[list[GroupSummary], str]:
    """Return the groups of the sidebar, and the address of more of them, or ""."""
    if page_request.groups_cursor is None:
        shown = [page_request.group_id] if page_request.group_id else []
        rows, more = await groups.list_recent_groups(actor=actor, including=shown)
        return rows, _groups_url("") if more else ""
    page = await groups.list_groups(actor=actor, cursor=page_request.groups_cursor or None)
    return page.groups, _groups_url(page.next_cursor) if page.next_cursor else ""


def _groups_url(cursor: str) -> str:
    return f"/?{urlencode({'list': '', 'cursor': cursor})}"


async def _conversation(
    actor: Actor, summary: GroupSummary, page_request: PageRequest, *, panel_alone: bool
) -> dict[str, Any]:
    page, panel, blocked = await asyncio.gather(
        _no_log(summary) if panel_alone else _read_log(actor, summary, page_request),
        _load_panel(actor, summary, page_request.panel),
        blocked_ids(actor=actor),
    )
    await with_html({"messages": [*page["messages"], *panel.messages]}, actor=actor)
    ids = user_ids_in([*page["messages"], *panel.messages]) | panel.user_ids
    known = await users.get_users(user_ids=ids | {actor.user_id})
    names = {user_id: user.label for user_id, user in known.items()}
    viewer = Viewer(actor, summary.role, names, page_request.editing, page_request.found, blocked)
    items = log_context(page["messages"], viewer, read=_line_after(summary, page, page_request))
    return {
        "group": summary,
        "closed": closed_context(summary),
        "unread": summary.unread,
        "place": _place(page, page_request),
        "names": names,
        "blocked": sorted(blocked),
        "panel_alone": panel_alone,
        "is_peer_blocked": summary.peer_id in blocked,
        "panel": panel.context(viewer),
        "page": {
            "items": items,
            "new_from": next((item["seq"] for item in items if "first_unread" in item), None),
            "first": page["messages"][0]["seq"] if page["messages"] else 0,
            "last": page["messages"][-1]["seq"] if page["messages"] else 0,
            "has_more": page["hasMore"],
            "has_newer": page.get("hasNewer", "before" in page_request.place),
            "head": page["head"],
        },
    }


async def _no_log(summary: GroupSummary) -> dict[str, Any]:
    return {"messages": [], "hasMore": False, "head": summary.head}


async def _read_log(actor: Actor, summary: GroupSummary, page_request: PageRequest) -> dict[str, Any]:
    """Return the page of messages that is asked for; the one where the unread begin if the newest do not reach back."""
    page = await selectors.read_page(actor=actor, group_id=summary.id, limit=MESSAGES_SHOWN, **page_request.place)
    if page_request.place or page_request.newest or not _begins_amid_unread(summary, page):
        return page
    return await selectors.read_page(actor=actor, group_id=summary.id, limit=MESSAGES_SHOWN, around="unread")


def _begins_amid_unread(summary: GroupSummary, page: Mapping[str, Any]) -> bool:
    """Return whether there may be unread messages before those of a page of the newest."""
    return bool(summary.unread and page["hasMore"] and page["messages"][0]["seq"] > summary.read)


def _place(page: Mapping[str, Any], page_request: PageRequest) -> str | None:
    """Return what tells a page from others of its group: which part of the log its address names, "" for none.

    It is None for a page that is about what stands beside the log, a panel: whatever part is shown stays.
    """
    if page_request.newest:
        return "newest"
    if page_request.place:
        seqs = [message["seq"] for message in page["messages"]]
        return str(page["around"]) if "around" in page else f"{seqs[0]}-{seqs[-1]}" if seqs else "end"
    return None if page_request.panel else ""


def _line_after(summary: GroupSummary, page: Mapping[str, Any], page_request: PageRequest) -> int | None:
    """Return the seq after which the line 'New' is drawn, None where the page does not show where the unread begin."""
    if "around" in page:
        seqs = [message["seq"] for message in page["messages"]]
        return page["read"] if page.get("unreadFrom") in seqs else None
    if page_request.place or not summary.unread or _begins_amid_unread(summary, page):
        return None
    return summary.read


async def _load_panel(actor: Actor, summary: GroupSummary, load: PanelLoader | None) -> Panel:
    return await load(actor, summary) if load else Panel(lambda viewer: {})


def _problem(page_request: PageRequest) -> dict[str, Any] | None:
    error = page_request.problem
    if error is None:
        return None
    advice = NEW_GROUP_ADVICE.get(error.code, "") if page_request.new_group else ""
    if page_request.composer or page_request.editing:
        advice = page_request.advice or ADVICE.get(error.code, "")
    return {**(problem_of(error) or {}), "advice": advice}
