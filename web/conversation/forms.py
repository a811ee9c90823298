"""The forms that edit a message, and mark a group as read, or as unread from a message on."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from foundation.errors import AppError, Unauthenticated
from messaging import selectors, serializers, services, unread
from users.actor import Actor
from web.forms import form, redirect_back, redirect_to, typed_text, validated_input
from web.page import PageRequest, render_page
from web.shell import signed_in
from web.threads.content import thread_panel_of


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def edit(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    """GET shows the message with a form in its place; POST stores what is in the form."""
    message = await selectors.get_message(actor=actor, message_id=message_id)
    parent_id = message.get("parentId", "")
    page_request = PageRequest(group_id, panel=thread_panel_of(parent_id), editing=message_id)
    if request.method != "POST":
        return await render_page(request, actor, page_request)
    content = typed_text(request, "content")
    try:
        data = validated_input(
            serializers.EditMessageInput, request, "ifVersion", messageId=message_id, content=content
        )
        await services.edit_message(actor=actor, **data)
    except Unauthenticated:
        raise
    except AppError as error:
        return await render_page(request, actor, replace(page_request, problem=error, edited=content))
    return redirect_to("thread", group_id, parent_id) if parent_id else redirect_to("group", group_id)


@form()
async def mark_unread(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    await unread.mark_unread(actor=actor, **validated_input(serializers.MarkUnreadInput, request, messageId=message_id))
    return redirect_back(request, group_id)


@form()
async def mark_read(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    await services.mark_read(
        actor=actor, **validated_input(serializers.MarkReadInput, request, "seq", groupId=group_id)
    )
    return redirect_to("group", group_id)
