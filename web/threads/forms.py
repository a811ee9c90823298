"""The buttons that follow a thread, and stop, and that mark its replies as read."""

from django.http import HttpRequest, HttpResponse

from messaging.serializers import MarkReadInput
from messaging.services import mark_read as move_mark
from messaging.threads.serializers import FollowThreadInput
from messaging.threads.services import set_following
from users.actor import Actor
from web.forms import form, redirect_to, validated_input


@form()
async def follow(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    return await _set(request, actor, group_id, message_id, following=True)


@form()
async def unfollow(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    return await _set(request, actor, group_id, message_id, following=False)


async def _set(request: HttpRequest, actor: Actor, group_id: str, message_id: str, *, following: bool) -> HttpResponse:
    data = validated_input(FollowThreadInput, request, messageId=message_id)
    await set_following(actor=actor, following=following, **data)
    return redirect_to("thread", group_id, message_id)


@form()
async def mark_read(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    data = validated_input(MarkReadInput, request, "seq", groupId=group_id, parentId=message_id)
    await move_mark(actor=actor, **data)
    return redirect_to("thread", group_id, message_id)
