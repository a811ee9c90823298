"""Registers the app, for its management commands."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
