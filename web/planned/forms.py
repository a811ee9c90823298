"""The forms that plan a message or a reminder, change what is planned, and cancel it."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from foundation.errors import AppError
from foundation.validation import validated
from groups.serializers import GroupRefInput
from messaging.later import planning, reminding
from messaging.later.serializers import (
    ChangeScheduledInput,
    ReminderRefInput,
    RemindInput,
    ScheduledRefInput,
    ScheduleMessageInput,
)
from users.actor import Actor
from web.forms import posted, redirect_to, validated_input
from web.shell import with_headers_of

from .content import Typed, render_planned, render_reminding


async def _planned_again(request: HttpRequest, actor: Actor, error: AppError, /, **where: str) -> HttpResponseBase:
    # An id that is none is not looked for.
    group = validated(GroupRefInput, {"groupId": where["group_id"]}) if "group_id" in where else {}
    typed = Typed(scheduled_id=where.get("scheduled_id", ""), values=request.POST, error=error, **group)
    return with_headers_of(error, await render_planned(request, actor, typed))


async def _reminding_again(request: HttpRequest, actor: Actor, error: AppError, /, **where: str) -> HttpResponseBase:
    return with_headers_of(error, await render_reminding(request, actor, **where, error=error))


@posted(_planned_again)
async def schedule(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    fields = ("content", "at", "timeZone", "parentId")
    await planning.schedule_message(
        actor=actor, **validated_input(ScheduleMessageInput, request, *fields, groupId=group_id)
    )
    return redirect_to("planned")


@posted(_planned_again)
async def change_scheduled(request: HttpRequest, actor: Actor, scheduled_id: str) -> HttpResponse:
    # The field shows minutes: a time that nobody has touched keeps its seconds, and which of two of one hour it is.
    has_moved = request.POST.get("at") != request.POST.get("shownAt")
    fields = ("content", "ifVersion", *(("at", "timeZone") if has_moved else ()))
    await planning.change_scheduled(
        actor=actor, **validated_input(ChangeScheduledInput, request, *fields, scheduledId=scheduled_id)
    )
    return redirect_to("planned")


@posted(_planned_again)
async def cancel_scheduled(request: HttpRequest, actor: Actor, scheduled_id: str) -> HttpResponse:
    await planning.cancel_scheduled(
        actor=actor, **validated_input(ScheduledRefInput, request, scheduledId=scheduled_id)
    )
    return redirect_to("planned")


@posted(_reminding_again)
async def remind(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    fields = ("at", "when", "timeZone")
    await reminding.remind(actor=actor, **validated_input(RemindInput, request, *fields, messageId=message_id))
    return redirect_to("planned")


@posted(_planned_again)
async def cancel_reminder(request: HttpRequest, actor: Actor, reminder_id: str) -> HttpResponse:
    await reminding.cancel_reminder(actor=actor, **validated_input(ReminderRefInput, request, reminderId=reminder_id))
    return redirect_to("planned")
