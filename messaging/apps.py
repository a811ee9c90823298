"""Connects the hub to the groups' logs when Django starts."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        # Imported late: the tables read the settings, which must be loaded first.
        from realtime.hub.hub import follow

        from .live import GroupLogs

        follow(GroupLogs())
