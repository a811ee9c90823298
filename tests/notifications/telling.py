"""What tests of notifications do: people have devices, talk, and the follower handles what they have said."""

from typing import Any

from bench.notifications.push_service import PushService
from groups.log import queries
from groups.own_settings.services import change_own_settings
from messaging.inbox.follower import ThreadsAndInbox
from notifications.devices.services import add_device
from notifications.follower import NotificationFollower
from notifications.selectors import explain
from notifications.sending import sender
from tests.cast import Person


async def device(service: PushService, who: Person) -> dict[str, Any]:
    """Give somebody a device, and return its subscription."""
    subscription = service.subscribe()
    keys = subscription["keys"]
    await add_device(
        actor=who.actor, endpoint=subscription["endpoint"], public_key=keys["p256dh"], secret=keys["auth"], name="Fox"
    )
    return subscription


async def follow(group_id: str, *, after: int = 0) -> None:
    """Have the followers handle a log, again what they have handled, and send what came of it."""
    entries = await queries.entries_after(group_id, after)
    await ThreadsAndInbox().handle(group_id, entries, notify=False)
    await NotificationFollower().handle(group_id, entries, notify=True)
    await sender().wait()


async def set_own(who: Person, group_id: str, **changes: Any) -> None:
    await change_own_settings(actor=who.actor, group_id=group_id, **changes)


async def why(who: Person, message_id: str) -> str:
    """Return the reason why somebody was told, or not."""
    reason: str = (await explain(actor=who.actor, message_id=message_id))["reason"]
    return reason


async def cause(who: Person, message_id: str) -> str | None:
    return (await explain(actor=who.actor, message_id=message_id)).get("cause")
