"""The page on which a message is forwarded."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from foundation.errors import AppError, Unauthenticated
from foundation.ids import new_id
from foundation.validation import validated
from groups.serializers import ListGroupsInput
from messaging.quotes.serializers import ForwardMessageInput
from messaging.quotes.services import forward_message
from users.actor import Actor
from web.forms import redirect_to, validated_input
from web.page import PageRequest, render_page
from web.shell import signed_in

from .content import Forwarding, forwarding_panel


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def forward(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    """GET shows the form; POST sends the message."""
    if request.method == "POST":
        return await _forward(request, actor, group_id, message_id)
    cursor = request.GET.get("cursor")
    data = validated(ListGroupsInput, {"cursor": cursor} if cursor else {})
    panel = forwarding_panel(message_id, Forwarding(), data.get("cursor"))
    return await render_page(request, actor, PageRequest(group_id, panel=panel))


async def _forward(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    try:
        data = validated_input(ForwardMessageInput, request, "groupId", "content", "clientId", messageId=message_id)
        sent = await forward_message(actor=actor, **data)
    except Unauthenticated:
        raise
    except AppError as error:
        # A retry of the same is the same message; anything else is another one.
        client_id = request.POST.get("clientId", "") if error.retryable else new_id("page")
        typed = Forwarding(request.POST.get("content", ""), request.POST.get("groupId", ""), client_id)
        page_request = PageRequest(group_id, panel=forwarding_panel(message_id, typed), problem=error)
        return await render_page(request, actor, page_request)
    return redirect_to("group", sent["message"]["groupId"])
