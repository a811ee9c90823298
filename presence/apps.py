"""Has changes of profiles told to those who share a group with the person, and says who is at other processes."""

from django.apps import AppConfig


class PresenceConfig(AppConfig):
    name = "presence"

    def ready(self) -> None:
        # Imported once the settings are read.
        from users import devices, profile_changes

        from .selectors import is_elsewhere
        from .services import publish_profile

        profile_changes.listen(publish_profile)
        devices.look_elsewhere(is_elsewhere)
