"""What the page of what one has planned shows, and the page on which one chooses when to be reminded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from foundation.errors import AppError
from foundation.ids import parse_message_id
from foundation.validation import validated
from groups import selectors as groups
from messaging.later.selectors import list_reminders, list_scheduled
from messaging.links import link_to
from messaging.selectors import get_message
from messaging.serializers import MessageRefInput
from messaging.text.answers import with_html
from users import selectors as users
from users.actor import Actor
from users.time_zones import is_time_zone, time_zones
from web.shell import problem_of

_WHENS = {
    "20_minutes": _("In 20 minutes"),
    "1_hour": _("In an hour"),
    "3_hours": _("In three hours"),
    "tomorrow": _("Tomorrow at 9:00"),
    "next_week": _("On Monday at 9:00"),
}
_STATES = {"waiting": "", "taken": _("It is being sent."), "refused": _("It could not be sent:")}


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, after a failed attempt: into the form of a new message to a group, or of a planned one."""

    group_id: str = ""
    scheduled_id: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    error: AppError | None = None


async def render_planned(request: HttpRequest, actor: Actor, typed: Typed) -> HttpResponse:
    """Show what is planned, and with a group the form for a message to it."""
    scheduled = (await list_scheduled(actor=actor))["scheduled"]
    reminders = (await list_reminders(actor=actor))["reminders"]
    messages = [each["message"] for each in reminders if "message" in each]
    await with_html({"messages": messages}, actor=actor)
    zone = (await users.get_user(user_id=actor.user_id)).time_zone or "UTC"
    names = await _group_names(actor, typed, scheduled, reminders)
    context = {
        "scheduled": [_scheduled(each, zone, names, typed) for each in scheduled],
        "reminders": [_reminder(each, zone, names) for each in reminders],
        "group": names.get(typed.group_id),
        "typed": typed.values,
        **_times(zone, typed.values, typed.error),
    }
    return render(request, "web/planned/planned.html", context, status=typed.error.status if typed.error else 200)


async def render_reminding(
    request: HttpRequest, actor: Actor, group_id: str, message_id: str, error: AppError | None = None
) -> HttpResponse:
    """Show a message, and when one may be reminded of it; raises `NotFound`, `Invalid`."""
    message = await get_message(actor=actor, **validated(MessageRefInput, {"messageId": message_id}))
    await with_html({"messages": [message]}, actor=actor)
    zone = (await users.get_user(user_id=actor.user_id)).time_zone or "UTC"
    context = {"message": message, "group_id": group_id, "whens": _WHENS.items(), **_times(zone, request.POST, error)}
    return render(request, "web/planned/remind.html", context, status=error.status if error else 200)


def _times(zone: str, typed: Mapping[str, str], error: AppError | None) -> dict[str, Any]:
    return {
        "zone": typed.get("timeZone") or zone,
        "time_zones": time_zones(),
        "problem": problem_of(error),
    }


async def _group_names(actor: Actor, typed: Typed, *plans: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    ids = {each["groupId"] for some in plans for each in some} | ({typed.group_id} if typed.group_id else set())
    return await groups.list_names(actor=actor, group_ids=ids)


def _scheduled(each: Mapping[str, Any], zone: str, names: Mapping[str, Any], typed: Typed) -> dict[str, Any]:
    plan = _plan(each, zone, names)
    shown_at = plan["local"].strftime("%Y-%m-%dT%H:%M")
    form = {"content": each["content"], "at": shown_at}
    if is_typed := typed.scheduled_id == each["id"]:
        form |= {name: typed.values[name] for name in form if name in typed.values}
    return {**plan, "said": _STATES[each["state"]], "shown_at": shown_at, "form": form, "is_typed": is_typed}


def _reminder(each: Mapping[str, Any], zone: str, names: Mapping[str, Any]) -> dict[str, Any]:
    group_id, seq = parse_message_id(each["messageId"]) or ("", 0)
    return {**_plan(each, zone, names), "permalink": link_to(group_id, seq) if "message" in each else ""}


def _plan(each: Mapping[str, Any], zone: str, names: Mapping[str, Any]) -> dict[str, Any]:
    # A zone may be known no more since it was chosen.
    shown = next((name for name in (each.get("timeZone"), zone) if name and is_time_zone(name)), "UTC")
    local = datetime.fromisoformat(each["at"]).astimezone(ZoneInfo(shown))
    group = names.get(each["groupId"], {})
    return {**each, "local": local.replace(tzinfo=None), "zone": shown, "group_name": group.get("name", "")}
