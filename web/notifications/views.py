"""The pages of notifications, and the service worker, whose scope is the whole chat: so it lies at the root."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from foundation.validation import validated
from notifications.serializers import ExplainInput
from users.actor import Actor
from web.shell import signed_in

from .content import render_notifications, render_why, worker_script


@require_safe
@signed_in
async def notifications(request: HttpRequest, actor: Actor) -> HttpResponse:
    return await render_notifications(request, actor)


@require_safe
@signed_in
async def why(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    """Show why the actor was told of a message, or not; whatever group the address names, the message says its own."""
    data = validated(ExplainInput, {"messageId": message_id})
    return await render_why(request, actor, data["message_id"])


@require_safe
async def service_worker(request: HttpRequest) -> HttpResponse:
    """Return the script; browsers ask for it without a session too, and must get a new one soon."""
    response = HttpResponse(worker_script(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    # It asks this server for what it keeps, and loads nothing else.
    response["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"
    return response
