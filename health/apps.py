"""The Django app of health reports."""

from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "health"
