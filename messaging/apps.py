"""Sets the groups' logs as the log source of the hub, and registers what follows them for people, and what
people have planned, at start-up."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        # The tables read the settings when they are imported, which must wait until the apps are ready.
        from groups.followers.follower import register
        from realtime.hub.hub import set_log_source
        from users.due import handlers
        from workspace import services as workspace

        from .group_logs import GroupLogs
        from .inbox.follower import ThreadsAndInbox
        from .later.arriving import Reminders
        from .later.sending import ScheduledMessages
        from .threads.rows import forget_person

        set_log_source(GroupLogs())
        register(ThreadsAndInbox())
        handlers.register(ScheduledMessages())
        handlers.register(Reminders())
        workspace.erase_also(forget_person)
