"""Registers what follows the groups' logs, who shares a group with whom, and what goes with a person who is removed."""

from django.apps import AppConfig

from accounts.oidc import provided


class GroupsConfig(AppConfig):
    name = "groups"

    def ready(self) -> None:
        # The tables read the settings when they are imported, which must wait until the apps are ready.
        from users import sight as users_sight
        from workspace import services as workspace

        from . import asked, sight
        from .followers.follower import register
        from .mentions import MentionFollower, ThreadMentionFollower
        from .own_settings.services import erase_own_settings
        from .provided.following import follow_groups
        from .read_mark_repair import ReadMarkRepair

        users_sight.use_groups(sharing=sight.sharing, around=sight.around)
        register(ReadMarkRepair())
        register(MentionFollower())
        register(ThreadMentionFollower())
        provided.register(follow_groups)
        workspace.erase_also(asked.forget_person)
        workspace.erase_also(erase_own_settings)
