"""What the pages of people show: each person with picture, status and presence."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from groups.blocking.selectors import blocked_ids
from presence import selectors as presence
from users import selectors as users
from users.actor import Actor
from users.names import distinct_names
from users.selectors import UserPage
from users.time_zones import is_time_zone, time_zones
from users.user import EVERYONE, KNOWN, NOBODY, User
from web.languages import render_in_thread
from workspace.teams import selectors as teams

# Of a search; the page of teams has them all.
_TEAMS_SHOWN = 5
# Who may put one into groups.
ADDABLE_BY = {
    EVERYONE: _("Everybody"),
    KNOWN: _("Those who are in a group with me; others ask me"),
    NOBODY: _("Nobody: everybody asks me"),
}
# Of a status: how long it shows, in minutes.
DURATIONS = {
    "": _("Until I take it back"),
    "30": _("30 minutes"),
    "60": _("An hour"),
    "240": _("4 hours"),
    "1440": _("A day"),
    "10080": _("A week"),
}


async def directory(actor: Actor, query: str, page: UserPage, *, is_first: bool) -> dict[str, Any]:
    """Return the context of the directory: those found, in their order, and on the first page of a search the teams."""
    found = await teams.find_teams_for(actor=actor, query=query, limit=_TEAMS_SHOWN) if query and is_first else []
    presences = await presence.statuses_of(user_ids=[user.id for user in page.users])
    labels = distinct_names({user.id: user.name for user in page.users})
    rows = [
        {"user": user, "tag": labels[user.id].removeprefix(user.name), "presence": presences.get(user.id)}
        for user in page.users
    ]
    return {"query": query, "rows": rows, "teams": found, "next_cursor": page.next_cursor}


async def person(actor: Actor, user_id: str) -> dict[str, Any]:
    """Return the context of a person's page; raises `NotFound`."""
    user = await users.get_seen_user(actor=actor, user_id=user_id)
    known = await users.get_users(user_ids=[actor.user_id])
    viewer = known.get(actor.user_id)
    presences = await presence.statuses_of(user_ids=[user_id])
    status = user.custom_status
    return {
        "user": user,
        "is_self": user_id == actor.user_id,
        "is_blocked": user_id in await blocked_ids(actor=actor),
        "presence": presences.get(user_id),
        "local_time": _local_time(user.time_zone) if user.time_zone else None,
        "until": _time_for(viewer, status.expires_at) if status else None,
    }


async def render_profile(
    request: HttpRequest,
    actor: Actor,
    typed: dict[str, str] | None = None,
    *,
    problem: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page of one's own profile, with what was typed in place of what is stored, and what was wrong."""
    context = {**await _own_profile(actor, typed or {}), "problem": problem}
    # On a thread: it lists six hundred time zones.
    return await render_in_thread(request, "web/profiles/profile.html", context, status=status)


async def _own_profile(actor: Actor, typed: dict[str, str]) -> dict[str, Any]:
    user = await users.get_user(user_id=actor.user_id)
    status = user.custom_status
    stored = {"name": user.name, "handle": user.handle, "title": user.title, "timeZone": user.time_zone}
    if status:
        stored |= {"emoji": status.emoji, "text": status.text}
    return {
        "user": user,
        "is_kept_by_clerk": user.issuer_updated_at is not None,
        "values": {name: value or "" for name, value in stored.items()} | typed,
        "time_zones": time_zones(),
        "durations": DURATIONS,
        "until": _time_for(user, status.expires_at) if status else None,
        "addable_by": ADDABLE_BY,
    }


def _local_time(zone: str) -> datetime | None:
    # A zone that a later database does not have any more.
    return datetime.now(ZoneInfo(zone)) if is_time_zone(zone) else None


def _time_for(viewer: User | None, moment: str | None) -> datetime | None:
    """Return a time in the viewer's own zone, in UTC where they have named none."""
    if moment is None:
        return None
    zone = viewer.time_zone if viewer else None
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone) if zone and is_time_zone(zone) else UTC)
