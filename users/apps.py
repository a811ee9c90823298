"""Registers the description of the authentication with the API's schema."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        # Importing it registers it with drf-spectacular.
        from . import openapi  # noqa: F401
