"""What the page of those whom one has blocked shows."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from foundation.errors import AppError
from foundation.validation import validated
from groups.blocking.selectors import list_blocked
from groups.blocking.serializers import ListBlockedInput
from users.actor import Actor
from web.shell import problem_of


async def render_blocked(request: HttpRequest, actor: Actor, error: AppError | None = None) -> HttpResponse:
    cursor = request.GET.get("cursor")
    page = await list_blocked(actor=actor, **validated(ListBlockedInput, {"cursor": cursor} if cursor else {}))
    context: dict[str, Any] = {
        "rows": [{**each, "at": datetime.fromisoformat(each["since"])} for each in page["blocked"]],
        "next_cursor": page.get("nextCursor"),
        "problem": problem_of(error),
    }
    return render(request, "web/blocked/blocked.html", context, status=error.status if error else 200)
