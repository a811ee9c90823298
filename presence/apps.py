"""Has changes of profiles told to those who share a group with the person."""

from django.apps import AppConfig


class PresenceConfig(AppConfig):
    name = "presence"

    def ready(self) -> None:
        # Imported once the settings are read.
        from users import profile_changes

        from .services import publish_profile

        profile_changes.listen(publish_profile)
