"""Tells the hub, at start-up, whose logs its rooms follow."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        # Tables read the settings when they are imported, so not before the apps are ready.
        from realtime.hub.hub import follow

        from .live import GroupLogs

        follow(GroupLogs())
