"""HTTP views of what a person has planned."""

from typing import Any

from foundation.api import call_async
from foundation.operations import Operation
from messaging.links import with_links
from messaging.text.answers import with_html
from users.actor import Actor
from users.api import ApiView

from . import planning, reminding, selectors, serializers

Wire = dict[str, Any]


class ScheduledListView(ApiView):
    """Messages that you have planned."""

    @Operation("scheduled_list", None, serializers.ScheduledListSerializer)
    async def get(self, actor: Actor) -> Wire:
        """List the messages that are to be sent for you, the next first, and those that could not be."""
        return await selectors.list_scheduled(actor=actor)

    @Operation(
        "scheduled_create", serializers.ScheduleMessageInput, serializers.ScheduledAnswerSerializer, statuses=(201,)
    )
    def post(self, actor: Actor, **message: Any) -> Wire:
        """Have a message sent at a time, as if you sent it then."""
        return call_async(planning.schedule_message, actor=actor, **message)


class ScheduledView(ApiView):
    """A message that you have planned."""

    @Operation("scheduled_change", serializers.ChangeScheduledInput, serializers.ScheduledAnswerSerializer)
    def patch(self, actor: Actor, **change: Any) -> Wire:
        """Change its text or its time; one that could not be sent waits again."""
        return call_async(planning.change_scheduled, actor=actor, **change)

    @Operation("scheduled_cancel", serializers.ScheduledRefInput, serializers.ScheduledAnswerSerializer)
    def delete(self, actor: Actor, **plan: Any) -> Wire:
        """Cancel it, or drop one that could not be sent."""
        return call_async(planning.cancel_scheduled, actor=actor, **plan)


class RemindersView(ApiView):
    """Messages that you want to be reminded of."""

    @Operation("reminders_list", serializers.ListRemindersInput, serializers.RemindersSerializer)
    async def get(self, actor: Actor, render: str | None = None) -> Wire:
        """List your reminders, the next first, each message as it is now."""
        answer = await selectors.list_reminders(actor=actor)
        messages = [each["message"] for each in answer["reminders"] if "message" in each]
        if render:
            await with_html({"messages": messages}, actor=actor)
        with_links({"messages": messages})
        return answer

    @Operation("reminders_create", serializers.RemindInput, serializers.ReminderAnswerSerializer, statuses=(201,))
    def post(self, actor: Actor, **reminder: Any) -> Wire:
        """Be reminded of a message: when the time comes, it is in your inbox."""
        return call_async(reminding.remind, actor=actor, **reminder)


class ReminderView(ApiView):
    """A message that you want to be reminded of."""

    @Operation("reminders_cancel", serializers.ReminderRefInput, serializers.ReminderAnswerSerializer)
    def delete(self, actor: Actor, **plan: Any) -> Wire:
        """Be reminded of it no longer."""
        return call_async(reminding.cancel_reminder, actor=actor, **plan)
