"""The forms that add a reaction to a message and remove it."""

from django.http import HttpRequest, HttpResponse

from messaging import serializers, services
from users.actor import Actor
from web.forms import form, redirect_back, validated_input


@form()
async def add_reaction(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    return await _react(request, actor, group_id, message_id, "add")


@form()
async def remove_reaction(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    return await _react(request, actor, group_id, message_id, "remove")


async def _react(request: HttpRequest, actor: Actor, group_id: str, message_id: str, action: str) -> HttpResponse:
    data = validated_input(serializers.ReactionInput, request, "emoji", messageId=message_id, action=action)
    await services.react(actor=actor, **data)
    return redirect_back(request, group_id)
