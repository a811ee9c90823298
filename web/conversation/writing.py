"""What the boxes to write in ask the server for: how a text will look, and what becomes of a command."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from foundation.errors import AppError, Unauthenticated
from foundation.validation import validated
from messaging.serializers import SendMessageInput
from messaging.text.answers import preview as html_of
from users.actor import Actor
from web.forms import posted, typed_text
from web.page import PageRequest, render_page
from web.said import in_one
from web.shell import signed_in, with_headers_of
from web.threads.content import thread_panel_of

from .commands import USES
from .composer import Composer
from .running import UnknownCommand, run


async def _preview_again(request: HttpRequest, actor: Actor, error: AppError, /, group_id: str) -> HttpResponse:
    composer = _composer(request)
    panel = thread_panel_of(composer.parent_id)
    return await render_page(request, actor, PageRequest(group_id, panel=panel, composer=composer, problem=error))


@posted(_preview_again)
async def preview(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    """Show how a text will look: above the box that it was written in, or with `part` alone."""
    data = validated(SendMessageInput, {"groupId": group_id, "content": typed_text(request, "content")})
    html = await html_of(actor=actor, group_id=data["group_id"], content=data["content"])
    if "part" in request.POST:
        return render(request, "web/conversation/preview.html", {"html": html})
    composer = _composer(request, preview=html)
    return await render_page(
        request, actor, PageRequest(group_id, panel=thread_panel_of(composer.parent_id), composer=composer)
    )


def _composer(request: HttpRequest, preview: str = "") -> Composer:
    return Composer(request.POST.get("parentId", ""), typed_text(request, "content"), preview=preview)


@require_POST
@signed_in
async def command(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    """Carry out a command for the script: {"say": what is to be sent}, or {"sentence", "page"?} of what was done.

    An error is {"problem": its sentence, "isUnknown": whether it may be meant as text}.
    """
    try:
        outcome = await run(
            actor=actor,
            group_id=group_id,
            content=typed_text(request, "content"),
            has_files="hasFiles" in request.POST,
            client_id=request.POST.get("clientId", ""),
            time_zone=request.POST.get("timeZone", ""),
        )
    except UnknownCommand as unknown:
        return JsonResponse({"problem": unknown.message, "isUnknown": True})
    except Unauthenticated:
        raise
    except AppError as error:
        said = {"problem": in_one(error), "isUnknown": False}
        return with_headers_of(error, JsonResponse(said, status=error.status))
    if outcome.say is not None:
        return JsonResponse({"say": outcome.say})
    return JsonResponse({"sentence": outcome.sentence, "page": outcome.page})


@require_safe
@signed_in
async def commands(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show which commands there are; with `part`, to the script: {"commands": [{"name", "takes", "does"}]}."""
    if "part" in request.GET:
        return JsonResponse(
            {"commands": [{"name": name, "takes": use[0], "does": use[1]} for name, use in USES.items()]}
        )
    return render(request, "web/conversation/commands.html", {"uses": USES})
