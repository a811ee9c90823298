"""Registers the app, and the audit log with what lies below it."""

from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "workspace"

    def ready(self) -> None:
        from foundation import acts

        from .audit import record

        acts.register(record)
