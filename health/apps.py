"""The Django app of health reports."""

from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "health"

    def ready(self) -> None:
        # Importing it starts the uptime; the views are imported by the first request only.
        from . import process  # noqa: F401
