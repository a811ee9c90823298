"""The page of search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.errors import Invalid
from foundation.validation import validated
from search.serializers import SearchInput
from users.actor import Actor
from web.shell import signed_in

from .content import empty_context, search_context


@require_safe
@signed_in
async def search(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show what was found; what cannot be understood is shown again, with what is wrong with it."""
    typed = {name: request.GET[name] for name in ("q", "order", "cursor") if name in request.GET}
    if not typed.keys() - {"order"}:
        return render(request, "web/search/search.html", empty_context(actor))
    try:
        context = await search_context(actor, **validated(SearchInput, typed))
    except Invalid as error:
        if "q" not in (error.fields or {}):
            raise
        context = empty_context(actor, typed.get("q", ""), problem=error)
        return render(request, "web/search/search.html", context, status=error.status)
    return render(request, "web/search/search.html", context)
