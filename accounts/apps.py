"""Has accounts end with the people who are deactivated, and go with those who are removed."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # Imported once the settings are read.
        from workspace import services as workspace

        from .services.departing import end_account_of, erase_account_of

        workspace.end_also(end_account_of)
        workspace.erase_also(erase_account_of)
