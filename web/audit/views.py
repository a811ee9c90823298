"""The page of the audit log."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.validation import validated
from users.actor import Actor
from web.shell import signed_in
from workspace.audit.serializers import ListActsInput

from .content import audit_context

_FILTERS = ("act", "by", "about", "before", "after", "cursor")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@require_safe
@signed_in
async def audit(request: HttpRequest, actor: Actor) -> HttpResponse:
    typed = {name: request.GET[name] for name in _FILTERS if request.GET.get(name)}
    given = {name: _moment(value) for name, value in typed.items()}
    context = await audit_context(actor, validated(ListActsInput, given), given)
    return render(request, "web/audit/audit.html", {**context, "typed": typed})


def _moment(value: str) -> str:
    """Return the beginning of a day that the form has, in UTC; any other value as it is."""
    return f"{value}T00:00:00Z" if _DAY.fullmatch(value) else value
