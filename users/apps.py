"""Registers the description of the authentication with the API's schema, and what is done when a status ends."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        # Importing it registers it with drf-spectacular.
        from . import openapi  # noqa: F401
        from .due import handlers
        from .status_expiry import StatusEnds

        handlers.register(StatusEnds())
