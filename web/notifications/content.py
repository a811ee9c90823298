"""What the pages of notifications show, and the service worker: it shows pushes, and keeps copies of conversations."""

import asyncio
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.errors import AppError
from notifications.devices.selectors import list_devices
from notifications.preferences.selectors import get_settings
from notifications.selectors import explain
from users.actor import Actor
from web.content_security import let_start_worker
from web.shell import problem_of

_STATIC = Path(__file__).resolve().parent.parent / "static" / "web"
# One worker has both: a page has one service worker at most.
_WORKERS = (_STATIC / "offline" / "worker.js", _STATIC / "notifications" / "worker.js")
CAUSES = {
    "named": _("It names you."),
    "team": _("It names a team that you are in."),
    "everybody": _("It names everybody."),
    "here": _("It names all who are here."),
    "direct": _("It is in a direct conversation of yours."),
    "thread": _("It is in a thread that you follow."),
    "level": _("You want to be told of every message of this group."),
    "reminder": _("You wanted to be reminded of it."),
}
REASONS = {
    "told": _("You were told."),
    "deleted": _("It was deleted."),
    "own": _("You have written it."),
    "not_a_member": _("You were not in the group at that moment."),
    "deactivated": _("Your account was deactivated."),
    "blocked": _("You have blocked who wrote it."),
    "not_named": _(
        "It does not name you, you do not follow its thread, and you do not want to be told of every message."
    ),
    "muted": _("You have muted the group."),
    "nothing": _("You want to be told of nothing in this group."),
    "read": _("You had read it already."),
    "active": _("You were active here."),
    "quiet": _("It was your quiet time."),
    "push_off": _("You have turned pushes off."),
    "no_device": _("No device took notifications for you."),
    "failed": _("The push services of your devices did not take it."),
    "too_old": _("It was written before anybody was told of messages, or over a week ago."),
    "undecided": _("It has not been decided yet: look again in a moment."),
}
OUTCOMES = {"sent": _("sent"), "gone": _("is gone, and was removed"), "failed": _("did not take it")}


async def render_notifications(
    request: HttpRequest, actor: Actor, error: AppError | None = None, tested: dict[str, Any] | None = None
) -> HttpResponse:
    settings, devices = await asyncio.gather(get_settings(actor=actor), list_devices(actor=actor))
    context: dict[str, Any] = {
        "actor": actor,
        "settings": settings,
        "devices": [{**device, "at": datetime.fromisoformat(device["createdAt"])} for device in devices],
        "tested": [{**each, "words": OUTCOMES[each["outcome"]]} for each in tested["devices"]] if tested else None,
        "problem": problem_of(error),
        "worker": reverse("web:service-worker"),
    }
    response = render(request, "web/notifications/notifications.html", context, status=error.status if error else 200)
    let_start_worker(request, response)
    return response


async def render_why(request: HttpRequest, actor: Actor, message_id: str) -> HttpResponse:
    found = await explain(actor=actor, message_id=message_id)
    group_id, _, seq = message_id.rpartition(".")
    context = {
        "found": found,
        "cause": CAUSES.get(found.get("cause", "")),
        "reason": REASONS[found["reason"]],
        "at": datetime.fromisoformat(found["decidedAt"]) if "decidedAt" in found else None,
        "reminder": _reminder(found.get("reminder")),
        "place": reverse("web:permalink", args=[group_id, int(seq)]),
    }
    return render(request, "web/notifications/why.html", context)


def _reminder(found: dict[str, Any] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    reason = _("It is your quiet time: you are told when that is over.") if found["reason"] == "quiet" else ""
    return {"reason": reason or REASONS[found["reason"]], "at": datetime.fromisoformat(found["decidedAt"])}


@cache
def worker_script() -> bytes:
    return b"\n".join(path.read_bytes() for path in _WORKERS)
