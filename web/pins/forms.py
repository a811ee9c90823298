"""The form that pins a message and unpins it."""

from django.http import HttpRequest, HttpResponse

from messaging.pins.serializers import PinInput
from messaging.pins.services import pin_message
from users.actor import Actor
from web.forms import form, redirect_back, validated_input


@form()
async def pin(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    await pin_message(actor=actor, **validated_input(PinInput, request, "action", messageId=message_id))
    return redirect_back(request, group_id)
