"""Registers the follower, and what takes notifications back once they are read, when Django is ready."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        # The tables read the settings when they are imported, which must wait until the apps are ready.
        from groups.followers.follower import register
        from users.updates import listen

        from .closing import on_user_update
        from .follower import NotificationFollower

        register(NotificationFollower())
        listen(on_user_update)
