"""Registers the follower, what takes notifications back once they are read, and what ends with people."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        # The tables read the settings when they are imported, which must wait until the apps are ready.
        from groups.followers.follower import register
        from messaging.later.arriving import tell_also
        from users.updates import listen
        from workspace import services as workspace

        from .closing import on_user_update
        from .devices.services import remove_all_devices
        from .follower import NotificationFollower
        from .reminders import tell_of_reminder

        register(NotificationFollower())
        listen(on_user_update)
        workspace.end_also(remove_all_devices)
        tell_also(tell_of_reminder)
