"""The question whether a message is to be deleted, and its answer."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from foundation.errors import AppError, NotFound, Unauthenticated
from messaging import selectors, serializers, services
from users.actor import Actor
from web.forms import redirect_to, validated_input
from web.page import PageRequest, render_page
from web.shell import signed_in

from .content import deletion_panel


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def delete(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    """GET asks, beside the conversation; POST deletes the message."""
    if request.method != "POST":
        return await render_page(request, actor, PageRequest(group_id, panel=deletion_panel(message_id)))
    try:
        message = await selectors.get_message(actor=actor, message_id=message_id)
        if message["groupId"] != group_id:
            raise NotFound
        await services.delete_message(
            actor=actor, **validated_input(serializers.MessageRefInput, request, messageId=message_id)
        )
    except Unauthenticated:
        raise
    except AppError as error:
        return await render_page(request, actor, PageRequest(group_id, problem=error))
    parent_id = message.get("parentId")
    return redirect_to("thread", group_id, parent_id) if parent_id else redirect_to("group", group_id)
