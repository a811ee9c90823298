"""The question whether a message is to be deleted, and its answer."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_http_methods

from messaging import selectors, serializers, services
from users.actor import Actor
from web.forms import form, redirect_to, validated_input
from web.page import PageRequest, render_page
from web.panel import require_in_group
from web.shell import signed_in

from .content import deletion_panel


@require_http_methods(["GET", "HEAD", "POST"])
async def delete(request: HttpRequest, group_id: str, message_id: str) -> HttpResponseBase:
    """GET asks, beside the conversation; POST deletes the message."""
    answer = _delete if request.method == "POST" else _ask
    return await answer(request, group_id=group_id, message_id=message_id)


@signed_in
async def _ask(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    return await render_page(request, actor, PageRequest(group_id, panel=deletion_panel(message_id)))


@form()
async def _delete(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    message = await selectors.get_message(actor=actor, message_id=message_id)
    require_in_group(message, group_id)
    await services.delete_message(
        actor=actor, **validated_input(serializers.MessageRefInput, request, messageId=message_id)
    )
    parent_id = message.get("parentId")
    return redirect_to("thread", group_id, parent_id) if parent_id else redirect_to("group", group_id)
