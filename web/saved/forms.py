"""The form that saves a message for later, or no longer."""

from django.http import HttpRequest, HttpResponse

from messaging.saved.serializers import SaveMessageInput
from messaging.saved.services import save_message
from users.actor import Actor
from web.forms import form, redirect_back, redirect_to, validated_input


@form()
async def save(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    await save_message(actor=actor, **validated_input(SaveMessageInput, request, "action", messageId=message_id))
    return redirect_to("saved") if "list" in request.POST else redirect_back(request, group_id)
