"""The health app."""

from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "health"

    def ready(self) -> None:
        # Imported now, as its import is where the uptime starts; the views load only with the first request.
        from . import process  # noqa: F401
