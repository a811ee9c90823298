"""Registers what follows the groups' logs, when Django is ready."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    name = "groups"

    def ready(self) -> None:
        # The tables read the settings when they are imported, which must wait until the apps are ready.
        from .followers.follower import register
        from .mentions import MentionFollower, ThreadMentionFollower
        from .read_mark_repair import ReadMarkRepair

        register(ReadMarkRepair())
        register(MentionFollower())
        register(ThreadMentionFollower())
